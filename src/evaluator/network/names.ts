const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_LIMIT = 253;

/** RFC 1123 label, as namespaces are named: at most 63 of a-z, 0-9 and `-`. */
export function isDnsLabel(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** RFC 1123 subdomain as apimachinery's IsDNS1123Subdomain reads it: parts of any length, 253 characters in all. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= SUBDOMAIN_LIMIT && DNS_SUBDOMAIN.test(text);
}

/** A label's key: an optional DNS subdomain and `/`, then at most 63 characters (apimachinery, IsQualifiedName). */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf("/");
  return LABEL_NAME.test(text.slice(slash + 1)) && (slash < 0 || isDnsSubdomain(text.slice(0, slash)));
}

/** A label's value: empty, or at most 63 characters (apimachinery, IsValidLabelValue). */
export function isLabelValue(text: string): boolean {
  return text === "" || LABEL_NAME.test(text);
}

/** A named port: at most 15 of a-z, 0-9 and single `-`, with a letter (apimachinery, IsValidPortName; RFC 6335). */
export function isPortName(text: string): boolean {
  return text.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) && /[a-z]/.test(text);
}
