import { by } from "../../lib/sort.ts";
import type { PictureEdge } from "../../model/proposal.ts";
import { mermaidLabel } from "../escape.ts";
import { counted } from "../wording.ts";

// Beyond these nobody reads a picture (facts of reviewers; Mermaid itself gives up at 500 edges and 50,000 characters).
const MOST_SINGLE = 40;
const MOST = 120;
const LONGEST = 8192;

/** Mermaid without a fence, or why there is no picture. */
export type Picture =
  | { readonly kind: "drawn"; readonly source: string }
  | { readonly kind: "left-out"; readonly because: string };

const ARROWS = { allowed: "==>", forbidden: "-.->", kept: "-->" } as const;

/**
 * A flowchart: thick is allowed anew, dashed ends, thin stays. Above 40 arrows those between the same namespaces are one;
 * above 120 arrows, or 8 KB, nothing is drawn.
 */
export function drawPicture(edges: readonly PictureEdge[]): Picture {
  if (edges.length > MOST) {
    return {
      kind: "left-out",
      because: `No picture: ${counted(edges.length, "arrow")} are more than anybody can read.`,
    };
  }
  const arrows = merged(edges.length > MOST_SINGLE ? edges.map(byNamespace) : edges);
  const names = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))].toSorted();
  const ids = new Map(names.map((name, index) => [name, `n${index}`]));
  const lines = [
    "flowchart LR",
    ...names.map((name) => `  ${ids.get(name) ?? ""}["${labelOf(name)}"]`),
    ...arrows.map(
      ({ from, to, label, kind }) =>
        `  ${ids.get(from) ?? ""} ${ARROWS[kind]}|"${labelOf(label)}"| ${ids.get(to) ?? ""}`,
    ),
  ];
  const source = lines.join("\n");
  if (names.length === 0) return { kind: "left-out", because: "No picture: no connection changes." };
  return Buffer.byteLength(source) > LONGEST
    ? { kind: "left-out", because: "No picture: it would be larger than 8 KB." }
    : { kind: "drawn", source };
}

// An empty label is no label to Mermaid, but a mistake.
function labelOf(text: string): string {
  const label = mermaidLabel(text);
  return label.trim() === "" ? "?" : label;
}

function byNamespace(edge: PictureEdge): PictureEdge {
  return { ...edge, from: namespaceOf(edge.from), to: namespaceOf(edge.to), label: "" };
}

// An address block has a slash as well, but no namespace has a dot or a colon in its name.
function namespaceOf(name: string): string {
  const namespace = /^(?<namespace>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\//u.exec(name)?.groups?.["namespace"];
  return namespace === undefined ? name : `namespace ${namespace}`;
}

/** One arrow for each pair and kind; labels side by side, or how many where they were left out. */
function merged(edges: readonly PictureEdge[]): readonly PictureEdge[] {
  const groups = Map.groupBy(edges, ({ from, to, kind }) => JSON.stringify([from, to, kind]));
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const labels = [...new Set(group.map(({ label }) => label))].toSorted();
      const label = labels.join("") === "" ? counted(group.length, "connection") : labels.join(", ");
      return [{ ...first, label }];
    })
    .toSorted(by(({ from, to, kind }) => JSON.stringify([from, to, kind])));
}
