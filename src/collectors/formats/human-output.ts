const VERDICT = "(?:FORWARDED|DROPPED|ERROR|AUDIT|AUDITED|REDIRECTED|TRACED|TRANSLATED|VERDICT_UNKNOWN)";

/** `Nov 10 10:40:56.465 [node]: shop/web:33212 (ID:1) -> shop/cart:8080 (ID:2) to-endpoint FORWARDED (TCP Flags: SYN)`. */
const COMPACT = new RegExp(` (?:->|<-|<>) .*\\b${VERDICT}\\b`);
const TABLE_HEADER = /^TIMESTAMP\s.*\bSOURCE\s+DESTINATION\s+TYPE\s+VERDICT\b/;
const DICT = /^(?:TIMESTAMP: \S|-{12,}$)/;

/** True for a line of `hubble observe -o compact|table|dict` (cilium/hubble pkg/printer/printer.go). */
export function isHumanOutput(line: string): boolean {
  const text = line.trim();
  return COMPACT.test(text) || TABLE_HEADER.test(text) || DICT.test(text);
}
