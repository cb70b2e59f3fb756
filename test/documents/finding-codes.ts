import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** A finding as a source file makes it: the values its code and severity may have. */
export interface EmittedFinding {
  /** `src/confidence/facts.ts:70` */
  readonly place: string;
  readonly codes: readonly string[];
  readonly severities: readonly string[];
}

/** Where `netlearn check` makes its findings: their codes are one table in the sources, which README.md shows. */
const ABOUT_MANIFESTS = /^src\/(?:cli\/check|evaluator\/review|inventory\/manifests|report\/check)\//u;

/**
 * Every finding about what was learned that the sources can make: object literals with a `code` and a `severity`, and calls of a function `finding`
 * with the severity and the code in front.
 *
 * @throws Error for a code that can't be read off the source, as it can't be documented either
 */
export function emittedFindings(): readonly EmittedFinding[] {
  const files = globSync(["src/**/*.ts", "generators/**/*.ts"], { cwd: ROOT }).toSorted();
  return files
    .filter((file) => !ABOUT_MANIFESTS.test(file))
    .flatMap((file) => {
      const source = ts.createSourceFile(
        file,
        readFileSync(path.join(ROOT, file), "utf8"),
        ts.ScriptTarget.Latest,
        true,
      );
      return findingsIn(source, source);
    });
}

function findingsIn(node: ts.Node, source: ts.SourceFile): readonly EmittedFinding[] {
  const own = findingOf(node, source);
  const below: EmittedFinding[] = [];
  ts.forEachChild(node, (child) => {
    below.push(...findingsIn(child, source));
  });
  return own === undefined ? below : [own, ...below];
}

function findingOf(node: ts.Node, source: ts.SourceFile): EmittedFinding | undefined {
  const pair = ts.isCallExpression(node) ? argumentsOf(node) : propertiesOf(node);
  if (pair === undefined) return undefined;
  const place = `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  // A table of findings passes its rows on by name; the rows themselves are literals, found where they stand.
  if (ts.isCallExpression(node) && ts.isIdentifier(pair.code)) return undefined;
  return { place, codes: literals(pair.code, place), severities: literals(pair.severity, place) };
}

interface Pair {
  readonly code: ts.Expression;
  readonly severity: ts.Expression;
}

function argumentsOf({ expression, arguments: given }: ts.CallExpression): Pair | undefined {
  const [severity, code] = given;
  const isMaker = ts.isIdentifier(expression) && expression.text === "finding";
  return isMaker && severity !== undefined && code !== undefined ? { code, severity } : undefined;
}

function propertiesOf(node: ts.Node): Pair | undefined {
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const value = (name: string): ts.Expression | undefined =>
    node.properties.filter(ts.isPropertyAssignment).find((property) => property.name.getText() === name)?.initializer;
  const [code, severity] = [value("code"), value("severity")];
  return code === undefined || severity === undefined ? undefined : { code, severity };
}

function literals(expression: ts.Expression, place: string): readonly string[] {
  if (ts.isStringLiteral(expression)) return [expression.text];
  if (ts.isAsExpression(expression) || ts.isParenthesizedExpression(expression)) {
    return literals(expression.expression, place);
  }
  if (ts.isConditionalExpression(expression)) {
    return [...literals(expression.whenTrue, place), ...literals(expression.whenFalse, place)];
  }
  throw new Error(`${place}: write ${expression.getText()} as a literal, so that docs/findings.md can list it`);
}
