import type { ManifestObject } from "../../model/manifest-object.ts";
import { type Read, type ReadDocument, readDocuments, type Steps } from "./documents.ts";
import { type FileText, fileText } from "./file-text.ts";
import { type ManifestProblem, templateProblem, unparsable } from "./manifest-problem.ts";
import { isEmptyList, keptOf, objectsOf } from "./objects.ts";
import { placeFinder } from "./places.ts";
import { splitDocuments } from "./split-documents.ts";
import { templateAction } from "./template-action.ts";

/** What a file holds. */
export interface ParsedText {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly ManifestProblem[];
  /** Documents that are no Kubernetes object (Helm values, kustomizations), in the file. */
  readonly others: number;
}

/** How to read a file. */
export interface ParseOptions {
  /** Its name as shown to people. */
  readonly file: string;
  /** For objects that name none. */
  readonly namespace: string;
  /** True for a file of a chart's `templates` directory. */
  readonly isInChart: boolean;
  /** What is kept of an object's value, which has its apiVersion and kind; all of it unless something is said. */
  readonly prune?: Prune | undefined;
}

/** Keeps of an object what somebody will read. */
export type Prune = (value: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/**
 * Reads YAML or JSON of any number of documents; Lists are taken apart. Never throws: what can't be read, or would
 * explode when its aliases are resolved, is a problem with its line, and what stands beside it counts.
 *
 * @param text UTF-8 where it is bytes
 */
export function parseDocuments(text: string | Buffer, options: ParseOptions): ParsedText {
  const steps = parseInSteps(typeof text === "string" ? Buffer.from(text) : text, options);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** As {@link parseDocuments}, for whoever has something else to do in between. */
export function* parseInSteps(
  bytes: Buffer,
  { file, namespace, isInChart, prune = (value) => value }: ParseOptions,
): Steps<ParsedText> {
  const text = fileText(file, bytes);
  const action = templateAction(bytes);
  const template = action === undefined ? undefined : templateProblem(file, text.lineAt(action));
  if (isInChart && template !== undefined) return { objects: [], problems: [template], others: 0 };
  const places = placeFinder(text);
  const objects: ManifestObject[] = [];
  const problems: ManifestProblem[] = [];
  let document = 0;
  let others = 0;
  for (const stretch of splitDocuments(text)) {
    for (const read of yield* readDocuments(text, stretch, (item, list) => keptOf(item, list, prune))) {
      const found = objectsOf(read, { text, places, namespace, document });
      const faults = faultsOf(read, text);
      for (const object of found) objects.push({ ...object, value: prune(object.value) });
      problems.push(...faults);
      others += isOther(read, found.length + faults.length) ? 1 : 0;
      document++;
    }
    yield stretch.end - stretch.start;
  }
  // A template breaks the YAML in many places, all for one reason.
  return { objects, problems: template !== undefined && problems.length > 0 ? [template] : problems, others };
}

function isOther(document: ReadDocument, told: number): boolean {
  return told === 0 && !isNothing(document);
}

function isNothing(document: ReadDocument): boolean {
  const { whole } = document;
  return isEmptyList(document) || (!("fault" in whole) && (whole.value === null || whole.value === undefined));
}

function faultsOf({ whole, items = [] }: ReadDocument, text: FileText): readonly ManifestProblem[] {
  return [
    ...[whole].flatMap((read: Read) => ("fault" in read ? [unparsable(text, read, "document")] : [])),
    ...items.flatMap((read) => ("fault" in read ? [unparsable(text, read, "item")] : [])),
  ];
}
