import type { Fields } from "../json.ts";
import { fromPaths } from "../paths.ts";

/** What an envelope says of the log inside it, besides the cluster: see `cluster.ts`. */
export type LogSource =
  /** An audit log, by what the source calls itself: see `AccessRecord.origin`. */
  | { readonly kind: "audit"; readonly origin: string }
  /** Another log of the same cloud, of which nothing is read whatever its lines look like. */
  | { readonly kind: "other"; readonly name: string };

/** Which log of a managed cluster's control plane an envelope holds; undefined when it does not say. */
export function logSourceOf(fields: Fields): LogSource | undefined {
  if (fields["messageType"] === "CONTROL_MESSAGE") {
    return { kind: "other", name: "cloudwatch-control-message" };
  }
  const stream = fields["logStream"] ?? fields["logStreamName"] ?? fields["log_stream"];
  if (typeof stream === "string") {
    return eksSource(stream, fields["logGroup"] ?? fields["logGroupName"] ?? fields["log_group"]);
  }
  const category = fields["category"];
  return typeof category === "string" ? aksSource(category) : undefined;
}

/** Streams of the log group of an EKS cluster: `kube-apiserver-audit-<hash>` beside those of other parts. */
function eksSource(stream: string, group: unknown): LogSource | undefined {
  if (stream.startsWith("kube-apiserver-audit-")) {
    return { kind: "audit", origin: "eks" };
  }
  const isOfCluster = typeof group === "string" && /^\/aws\/eks\/[^/]+\/cluster$/.test(group);
  return isOfCluster || EKS_STREAM.test(stream) ? { kind: "other", name: "eks-other-log" } : undefined;
}

const EKS_STREAM =
  /^(?:kube-apiserver|authenticator|kube-controller-manager|kube-scheduler|cloud-controller-manager)-[0-9a-f]{32}$/;

/** Categories of a cluster's diagnostic settings in Azure. */
function aksSource(category: string): LogSource | undefined {
  if (category === "kube-audit" || category === "kube-audit-admin") {
    return { kind: "audit", origin: `aks:${category}` };
  }
  return AKS_CATEGORY.test(category) ? { kind: "other", name: "aks-other-log" } : undefined;
}

const AKS_CATEGORY =
  /^(?:kube-apiserver|kube-controller-manager|kube-scheduler|cluster-autoscaler|cloud-controller-manager|guard|csi-[a-z]+-controller)$/;

const FLAT = "kubernetes.audit.";

/** The event in a record whose members are paths, `kubernetes.audit.user.username`; undefined when there is none. */
export function flatEvent(fields: Fields): Fields | undefined {
  const keys = Object.keys(fields).filter((key) => key.startsWith(FLAT));
  return keys.length === 0
    ? undefined
    : fromPaths(keys.map((key) => [key.slice(FLAT.length).split("."), fields[key]] as const));
}
