import { existsSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { findFiles, shownPath } from "./find-files.ts";
import type { ManifestProblem } from "./manifest-problem.ts";
import { type ParsedText, parseInSteps } from "./parse-documents.ts";
import { readBytes, readStream } from "./read-bytes.ts";

/** Everything some files hold. */
export interface Manifests {
  /** In the order of the files' names and of the documents in each. */
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly ManifestProblem[];
  /** Files read, the ones with problems included. */
  readonly files: number;
  /** Documents that are no Kubernetes objects, such as Helm values. */
  readonly others: number;
}

/** How to read manifests. */
export interface ReadOptions {
  readonly cwd: string;
  /** For objects that name none, as with `kubectl apply -n`. */
  readonly namespace: string;
  /** Read for a path `-`. */
  readonly stdin: Readable;
  readonly signal: AbortSignal;
}

/**
 * Reads manifests from files, directories and standard input (`-`).
 *
 * @returns objects and problems; a file that can't be read is a problem, and all others still count
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` when a given path is not there
 */
export async function readManifests(paths: readonly string[], options: ReadOptions): Promise<Manifests> {
  const found = await findFiles(
    paths.filter((given) => given !== "-"),
    options.cwd,
  );
  const parsed: ParsedText[] = [];
  for (const file of found.files) {
    options.signal.throwIfAborted();
    const shown = shownPath(file, options.cwd);
    parsed.push(await parse(await readBytes(file, shown), shown, isInChart(file), options));
  }
  const pipes = paths.includes("-") ? 1 : 0;
  if (pipes > 0) parsed.push(await parse(await readStream(options.stdin, STDIN), STDIN, false, options));
  return {
    objects: parsed.flatMap(({ objects }) => objects),
    problems: [...found.problems, ...parsed.flatMap(({ problems }) => problems)],
    files: found.files.length + pipes,
    others: parsed.reduce((sum, { others }) => sum + others, 0),
  };
}

const STDIN = "<stdin>";

/** How many bytes are read while nothing else may happen: so many that pauses cost nothing, so few that Ctrl-C is heard. */
const BETWEEN_PAUSES = 1024 * 1024;

async function parse(
  bytes: Buffer | ManifestProblem,
  file: string,
  inChart: boolean,
  { namespace, signal }: ReadOptions,
): Promise<ParsedText> {
  if (!Buffer.isBuffer(bytes)) return { objects: [], problems: [bytes], others: 0 };
  const steps = parseInSteps(bytes, { file, namespace, isInChart: inChart });
  let read = 0;
  let step = steps.next();
  while (step.done !== true) {
    signal.throwIfAborted();
    read += step.value;
    if (read > BETWEEN_PAUSES) {
      await setImmediate();
      read = 0;
    }
    step = steps.next();
  }
  return step.value;
}

function isInChart(file: string): boolean {
  const at = file.split(path.sep).lastIndexOf("templates");
  if (at < 0) return false;
  const chart = file.split(path.sep).slice(0, at).join(path.sep);
  return existsSync(path.join(chart, "Chart.yaml"));
}
