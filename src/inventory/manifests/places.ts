import type { MisreadPair } from "../../model/manifest-object.ts";
import type { Node } from "./documents.ts";
import { type FileText, type Stretch, textOf } from "./file-text.ts";
import { type NodePlaces, nodePlaces } from "./node-places.ts";

/** Finds where values stand, when somebody asks. */
export interface PlaceFinder {
  /** The line of the key or list item a path leads to, or of the nearest part around it that is there. */
  readonly lineOf: (node: Node) => number;
  /** What stands there and is misread. */
  readonly misreadAt: (node: Node) => MisreadPair;
}

/**
 * Finds places by parsing the bytes around a value once more. What was parsed last is kept: findings come object by
 * object.
 */
export function placeFinder(source: FileText): PlaceFinder {
  let last: { readonly stretch: Stretch; readonly text: string; readonly places: NodePlaces } | undefined;
  const parsed = (stretch: Stretch): NonNullable<typeof last> => {
    if (last?.stretch.start !== stretch.start || last.stretch.end !== stretch.end) {
      const text = textOf(source, stretch).replaceAll(NO_YAML, " ");
      last = { stretch, text, places: nodePlaces(text) };
    }
    return last;
  };
  return {
    lineOf: ({ stretch, document, path }) => {
      const { text, places } = parsed(stretch);
      return lineAt(source, stretch, text.slice(0, places.offsetOf(document, path)));
    },
    misreadAt: ({ stretch, document, path }) => parsed(stretch).places.misreadAt(document, path),
  };
}

// JSON takes them in strings, YAML does not.
const NO_YAML = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/gu;

function lineAt(source: FileText, { start }: Stretch, before: string): number {
  return source.lineAt(start) + (before.match(/\n/gu)?.length ?? 0);
}
