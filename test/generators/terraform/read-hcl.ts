/** A block as it was read: arguments by name, blocks in order. */
export interface ReadBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly arguments: ReadonlyMap<string, unknown>;
  readonly blocks: readonly ReadBlock[];
}

type Token = { readonly kind: "word" | "text" | "number" | "sign"; readonly text: string };

const TOKENS = /\s+|#[^\n]*|(?<word>[A-Za-z_][\w-]*)|(?<text>"(?:[^"\\]|\\.)*")|(?<number>\d+)|(?<sign>[{}[\]=,])/gy;

/** Reads as much of Terraform's language as netlearn prints: literals, lists, maps with quoted keys, and blocks. */
export function readHcl(text: string): ReadBlock[] {
  const tokens = tokensOf(text);
  const blocks = readBody(tokens, new Map());
  if (tokens.length > 0) throw new Error(`unexpected ${tokens[0]?.text}`);
  return blocks;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    end = match.index + match[0].length;
    for (const kind of ["word", "text", "number", "sign"] as const) {
      const found = match.groups?.[kind];
      if (found !== undefined) tokens.push({ kind, text: found });
    }
  }
  if (end !== text.length) throw new Error(`can't read ${text.slice(end, end + 40)}`);
  return tokens;
}

function readBody(tokens: Token[], into: Map<string, unknown>): ReadBlock[] {
  const blocks: ReadBlock[] = [];
  while (peek(tokens) === "word") {
    const { text: name } = take(tokens);
    if (tokens[0]?.text === "=") {
      take(tokens);
      if (into.has(name)) throw new Error(`${name} is given twice`);
      into.set(name, readValue(tokens));
      continue;
    }
    const labels: string[] = [];
    while (peek(tokens) === "text") labels.push(literal(take(tokens).text));
    expectSign(tokens, "{");
    const inner = new Map<string, unknown>();
    const below = readBody(tokens, inner);
    expectSign(tokens, "}");
    blocks.push({ type: name, labels, arguments: inner, blocks: below });
  }
  return blocks;
}

function readValue(tokens: Token[]): unknown {
  const token = take(tokens);
  if (token.kind === "text") return literal(token.text);
  if (token.kind === "number") return Number(token.text);
  if (token.text === "[") return readList(tokens);
  if (token.text === "{") return readMap(tokens);
  throw new Error(`no value: ${token.text}`);
}

function readList(tokens: Token[]): unknown[] {
  const items: unknown[] = [];
  while (tokens[0]?.text !== "]") {
    items.push(readValue(tokens));
    if (tokens[0]?.text === ",") take(tokens);
  }
  take(tokens);
  return items;
}

function readMap(tokens: Token[]): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  while (tokens[0]?.text !== "}") {
    const key = literal(take(tokens).text);
    expectSign(tokens, "=");
    entries.push([key, readValue(tokens)]);
  }
  take(tokens);
  return Object.fromEntries(entries);
}

/** Interpolation is an error: no data may be evaluated. */
function literal(token: string): string {
  return token
    .slice(1, -1)
    .replaceAll(
      /\$\$\{|%%\{|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|\\(["\\])|[$%]\{|\\/g,
      (all, four?: string, eight?: string, plain?: string) => {
        if (plain !== undefined) return plain;
        const code = four ?? eight;
        if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
        if (all.length !== 3) throw new Error(`evaluated: ${token}`);
        return all.slice(1);
      },
    );
}

function peek(tokens: readonly Token[]): Token["kind"] | undefined {
  return tokens[0]?.kind;
}

function take(tokens: Token[]): Token {
  const token = tokens.shift();
  if (token === undefined) throw new Error("the text ends too early");
  return token;
}

function expectSign(tokens: Token[], sign: string): void {
  const { text } = take(tokens);
  if (text !== sign) throw new Error(`${sign} expected, and not ${text}`);
}
