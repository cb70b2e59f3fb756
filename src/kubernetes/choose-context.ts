import path from "node:path";
import { NetlearnError } from "../lib/errors.ts";
import type { Target } from "./connect-options.ts";
import { textOf } from "./fields.ts";
import type { Kubeconfig, KubeconfigEntry } from "./read-kubeconfig.ts";
import { targetOf } from "./target.ts";

/**
 * Chooses a context of a kubeconfig.
 *
 * @param wanted undefined: the current one
 * @throws NetlearnError `NETLEARN_USAGE` for a context there is not, `NETLEARN_INPUT_UNREADABLE` for one that is not whole
 */
export function chooseContext(kubeconfig: Kubeconfig, wanted: string | undefined): Target {
  const name = wanted ?? kubeconfig.currentContext;
  if (name === undefined) {
    throw new NetlearnError("NETLEARN_USAGE", `${shownFiles(kubeconfig)}: no context is the current one`, {
      hint: `Give --context NAME. ${knownContexts(kubeconfig)}`,
    });
  }
  const context = kubeconfig.contexts.get(name);
  if (context === undefined) {
    throw new NetlearnError(
      "NETLEARN_USAGE",
      `${shownFiles(kubeconfig)}: there is no context ${JSON.stringify(name)}`,
      {
        hint: `Give --context NAME. ${knownContexts(kubeconfig)}`,
      },
    );
  }
  const clusterName = textOf(context.value, "cluster");
  const userName = textOf(context.value, "user");
  const cluster = clusterName === undefined ? undefined : kubeconfig.clusters.get(clusterName);
  if (cluster === undefined) throw incomplete(name, context, `cluster ${JSON.stringify(clusterName ?? "")}`);
  const user = userName === undefined ? undefined : kubeconfig.users.get(userName);
  if (userName !== undefined && user === undefined) throw incomplete(name, context, `user ${JSON.stringify(userName)}`);
  return targetOf({ name, userName, cluster, user: user ?? { value: {}, file: context.file } });
}

function shownFiles({ files }: Kubeconfig): string {
  return files.join(path.delimiter);
}

function knownContexts({ contexts }: Kubeconfig): string {
  const names = [...contexts.keys()].toSorted();
  if (names.length === 0) return "There is no context at all in it.";
  const shown = names.slice(0, 20).join(", ");
  return `Contexts: ${shown}${names.length > 20 ? ` and ${names.length - 20} more` : ""}.`;
}

function incomplete(name: string, context: KubeconfigEntry, what: string): NetlearnError {
  const message = `the kubeconfig ${context.file}: context ${JSON.stringify(name)} names ${what}, which is not there`;
  return new NetlearnError("NETLEARN_INPUT_UNREADABLE", message, { hint: "Mend it, or choose another --context." });
}
