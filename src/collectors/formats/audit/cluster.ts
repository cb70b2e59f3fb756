import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";

/**
 * Which cluster a managed control plane's log is of. What is no name its cloud would give is not taken for one, so that
 * names are short and hold nothing but letters, digits and a few marks.
 */

/** The log group of an EKS cluster (Amazon EKS user guide, control plane logging). */
export function eksCluster(logGroup: unknown): string | undefined {
  return typeof logGroup === "string"
    ? /^\/aws\/eks\/([0-9A-Za-z][\w-]{0,99})\/cluster$/.exec(logGroup)?.[1]
    : undefined;
}

/** The resource id of an AKS cluster; Azure writes its parts in either case. Names are unique in a resource group only. */
export function aksCluster(resourceId: unknown): string | undefined {
  if (typeof resourceId !== "string" || resourceId.length > 512) return undefined;
  const [, subscription, group, name] = AKS_ID.exec(resourceId.toLowerCase()) ?? [];
  return name === undefined ? undefined : `${name} (${subscription ?? ""}/${group ?? ""})`;
}

const AKS_ID =
  /^\/subscriptions\/([\w-]{1,64})\/resourcegroups\/([\w.()-]{1,90})\/providers\/microsoft\.containerservice\/managedclusters\/([\w-]{1,63})$/;

/** The labels of the resource that an entry of Cloud Logging is about. Names are unique in a project and location only. */
export function gkeCluster(resource: unknown): string | undefined {
  const labels = isFields(resource) ? resource["labels"] : undefined;
  if (!isFields(labels)) return undefined;
  const name = label(labels, "cluster_name");
  if (name === undefined) return undefined;
  const where = [label(labels, "project_id"), label(labels, "location")].filter((part) => part !== undefined);
  return where.length === 0 ? name : `${name} (${where.join("/")})`;
}

function label(labels: Fields, key: string): string | undefined {
  const value = labels[key];
  return typeof value === "string" && /^[\w.:-]{1,100}$/.test(value) ? value : undefined;
}
