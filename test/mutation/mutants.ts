import ts from "typescript";

/** One small change of a source file that a test should notice. Offsets count UTF-16 units; `end` is exclusive. */
export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** 1-based. */
  readonly line: number;
  /** The same as long as the code around it is: what it changes into what, and which of several on equal lines. */
  readonly key: string;
}

type Change = Pick<Mutant, "start" | "end" | "replacement">;

const OPERATORS: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ["!=="]],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["==="]],
  [ts.SyntaxKind.LessThanToken, ["<=", ">="]],
  [ts.SyntaxKind.LessThanEqualsToken, ["<", ">"]],
  [ts.SyntaxKind.GreaterThanToken, [">=", "<="]],
  [ts.SyntaxKind.GreaterThanEqualsToken, [">", "<"]],
  [ts.SyntaxKind.AmpersandAmpersandToken, ["||"]],
  [ts.SyntaxKind.BarBarToken, ["&&"]],
  [ts.SyntaxKind.QuestionQuestionToken, ["&&"]],
  [ts.SyntaxKind.PlusToken, ["-"]],
  [ts.SyntaxKind.MinusToken, ["+"]],
]);

/** Texts that answer a question: a wrong answer is a wrong verdict. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  yes: ["no", "unknown"],
  no: ["yes"],
  unknown: ["yes", "no"],
  allowed: ["denied"],
  denied: ["allowed"],
  undefined: ["allowed"],
  ingress: ["egress"],
  egress: ["ingress"],
  Ingress: ["Egress"],
  Egress: ["Ingress"],
  TCP: ["UDP"],
};

const CALLS: Readonly<Record<string, string>> = { some: "every", every: "some", startsWith: "endsWith" };

/** Every mutant of a source text, in the order of the text; types, imports and messages are left alone. */
export function mutantsOf(fileName: string, text: string): Mutant[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const changes: Change[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node) || ts.isThrowStatement(node)) return;
    changes.push(...changesOf(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  const seen = new Map<string, number>();
  return changes
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map((change) => {
      const line = source.getLineAndCharacterOfPosition(change.start).line;
      const what = `${lineText(text, change.start)} | ${text.slice(change.start, change.end)} -> ${change.replacement}`;
      const nth = (seen.get(what) ?? 0) + 1;
      seen.set(what, nth);
      return { ...change, line: line + 1, key: nth === 1 ? what : `${what} (${nth})` };
    });
}

function changesOf(node: ts.Node, source: ts.SourceFile): Change[] {
  return rewritesOf(node, source).map(([at, replacement]) => ({
    start: at.getStart(source),
    end: at.getEnd(),
    replacement,
  }));
}

type Rewrite = readonly [at: ts.Node, replacement: string];

function rewritesOf(node: ts.Node, source: ts.SourceFile): readonly Rewrite[] {
  if (ts.isBinaryExpression(node)) {
    const { operatorToken } = node;
    return (OPERATORS.get(operatorToken.kind) ?? []).map((text) => [operatorToken, text] as const);
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [[node, node.operand.getText(source)]];
  }
  const condition = conditionOf(node);
  if (condition !== undefined) return ["true", "false"].map((text) => [condition, text] as const);
  if (ts.isPropertyAccessExpression(node)) {
    const called = CALLS[node.name.text];
    return called === undefined ? [] : [[node.name, called]];
  }
  return literalRewrites(node);
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node)) return node.expression;
  return ts.isConditionalExpression(node) ? node.condition : undefined;
}

function literalRewrites(node: ts.Node): readonly Rewrite[] {
  if (ts.isStringLiteral(node)) return (ANSWERS[node.text] ?? []).map((text) => [node, JSON.stringify(text)] as const);
  if (ts.isNumericLiteral(node)) return [[node, String(Number(node.text) + 1)]];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, "false"]];
  return node.kind === ts.SyntaxKind.FalseKeyword ? [[node, "true"]] : [];
}

function lineText(text: string, at: number): string {
  const from = text.lastIndexOf("\n", at) + 1;
  const to = text.indexOf("\n", at);
  return text.slice(from, to < 0 ? text.length : to).trim();
}

/** The text with the change made. */
export function mutated(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
