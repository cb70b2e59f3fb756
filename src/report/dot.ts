import type { CommunicationGraph } from "../model/graph.ts";
import { dotString } from "./escape.ts";
import { viewWholeGraph } from "./graph-view.ts";

/**
 * The whole graph as a Graphviz digraph: namespaces as clusters, refused attempts dashed. Nothing is collapsed,
 * since who asks for DOT has a program that can lay it out.
 *
 * @returns DOT source that ends with a line break
 */
export function renderDot(graph: CommunicationGraph): string {
  const view = viewWholeGraph(graph);
  const lines = [
    "digraph netlearn {",
    "  rankdir=LR;",
    '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica"];',
    '  edge [fontname="Helvetica", fontsize=10];',
  ];
  for (const [index, group] of view.groups.entries()) {
    lines.push(
      `  subgraph cluster_${index} {`,
      `    label=${dotString(group.title)};`,
      '    style="rounded"; color=gray;',
    );
    for (const box of group.boxes) lines.push(`    ${box.id} [label=${dotString(box.title)}];`);
    lines.push("  }");
  }
  for (const { from, to, label, denied } of view.arrows) {
    const style = denied ? ", style=dashed, color=red" : "";
    lines.push(`  ${from} -> ${to} [label=${dotString(label)}${style}];`);
  }
  return `${lines.join("\n")}\n}\n`;
}
