/**
 * What a question about the cluster is answered with. `unknown` is an answer of its own: the specification leaves some
 * questions to the network plugin, and a guess would be a cut or an open door.
 */
export type Answer = "yes" | "no" | "unknown";

/** Of the answers to "does this allow it?", what they say together: one `yes` is enough, then one `unknown` counts. */
export function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes("yes")) {
    return "yes";
  }
  return answers.includes("unknown") ? "unknown" : "no";
}
