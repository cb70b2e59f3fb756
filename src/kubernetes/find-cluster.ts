import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { NetlearnError } from "../lib/errors.ts";
import { chooseContext } from "./choose-context.ts";
import type { ClusterChoice, Surroundings, Target } from "./connect-options.ts";
import { readKubeconfigs } from "./read-kubeconfig.ts";
import { targetOf } from "./target.ts";

// kubernetes.io "Accessing the Kubernetes API from a Pod"
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Finds the cluster that is meant. What was asked for explicitly counts first, then KUBECONFIG, then the file in the home
 * directory, then the cluster of the pod this runs in.
 *
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` when there is none, `NETLEARN_USAGE` for a context there is not,
 *   `NETLEARN_INPUT_UNREADABLE` for a kubeconfig that can't be read
 */
export async function findCluster(choice: ClusterChoice, surroundings: Surroundings): Promise<Target> {
  if (choice.inCluster === true) return requirePod(surroundings);
  const files = kubeconfigFiles(choice, surroundings);
  if (files.length > 0) return chooseContext(await readKubeconfigs(files), choice.context);
  const pod = choice.context === undefined ? podTarget(surroundings) : undefined;
  if (pod !== undefined) return pod;
  throw new NetlearnError("NETLEARN_INPUT_MISSING", "there is no cluster to read: no kubeconfig was found", {
    hint: `Looked for KUBECONFIG and ${homeFile(surroundings)}, and for a pod's service account. Give --kubeconfig FILE.`,
  });
}

function kubeconfigFiles({ kubeconfig }: ClusterChoice, surroundings: Surroundings): readonly string[] {
  // One file, as for kubectl, also where its name looks like several.
  if (kubeconfig !== undefined) {
    return existing([kubeconfig], surroundings, (shown) => `the kubeconfig ${shown} is not there`);
  }
  const { KUBECONFIG: listed = "" } = surroundings.env;
  // kubectl passes over files of the list that are not there; a list of which none is there would be another cluster.
  if (listed !== "") {
    const files = listed.split(path.delimiter).filter((file) => file !== "");
    return existing(files, surroundings, (shown) => `KUBECONFIG names ${shown}, which is not there`);
  }
  const home = homeFile(surroundings);
  return existsSync(home) ? [home] : [];
}

function existing(
  files: readonly string[],
  { cwd }: Surroundings,
  problem: (shown: string) => string,
): readonly string[] {
  const found = files.map((file) => path.resolve(cwd, file)).filter((file) => existsSync(file));
  if (found.length > 0) return found;
  throw new NetlearnError("NETLEARN_INPUT_MISSING", problem(JSON.stringify(files.join(path.delimiter))), {
    hint: "Name a kubeconfig that exists with --kubeconfig.",
  });
}

function homeFile({ env }: Surroundings): string {
  const { HOME: home = env["USERPROFILE"] ?? homedir() } = env;
  return path.join(home, ".kube", "config");
}

function requirePod(surroundings: Surroundings): Target {
  const pod = podTarget(surroundings);
  if (pod !== undefined) return pod;
  throw new NetlearnError(
    "NETLEARN_INPUT_MISSING",
    "this is no pod with a service account: there is no cluster to read",
    {
      hint: "Give --kubeconfig FILE, or let the pod mount its service account's token (automountServiceAccountToken).",
    },
  );
}

function podTarget({ env, serviceAccountDirectory = SERVICE_ACCOUNT }: Surroundings): Target | undefined {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "443" } = env;
  const tokenFile = path.join(serviceAccountDirectory, "token");
  if (host === "" || !existsSync(tokenFile)) return undefined;
  const file = path.join(serviceAccountDirectory, "kubeconfig");
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return targetOf({
    name: "in-cluster",
    userName: undefined,
    cluster: { file, value: { server, "certificate-authority": "ca.crt" } },
    user: { file, value: { tokenFile: "token" } },
  });
}
