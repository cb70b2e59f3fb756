import type { CommunicationGraph } from "../model/graph.ts";
import { mermaidComment, mermaidLabel } from "./escape.ts";
import { viewGraph } from "./graph-view.ts";

/**
 * The graph as a Mermaid flowchart that GitHub and GitLab draw: namespaces as subgraphs, refused attempts dotted.
 * Ids are made up and labels quoted, so no name can end a label or be a reserved word.
 *
 * @returns Mermaid source without a code fence, ending with a line break
 */
export function renderMermaid(graph: CommunicationGraph): string {
  const view = viewGraph(graph);
  const lines = ["flowchart LR"];
  for (const note of view.collapsed) lines.push(`  %% ${mermaidComment(note)}`);
  for (const [index, group] of view.groups.entries()) {
    lines.push(`  subgraph g${index}["${mermaidLabel(group.title)}"]`);
    for (const box of group.boxes) lines.push(`    ${box.id}["${mermaidLabel(box.title)}"]`);
    lines.push("  end");
  }
  for (const { from, to, label, denied } of view.arrows) {
    lines.push(`  ${from} ${denied ? "-.->" : "-->"}|"${mermaidLabel(label)}"| ${to}`);
  }
  if (view.arrows.length === 0) lines.push('  n0["no traffic was learned"]');
  return `${lines.join("\n")}\n`;
}
