import { hashText } from "../../../lib/hash.ts";
import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";
import { wellFormed } from "./fields.ts";

/**
 * Which cluster an audit log is of. Events name none, and neither does what shippers add of their own accord: only the clouds'
 * envelopes tell. See `AccessRecord.cluster` for what comes of it.
 */

/** The cluster that an envelope of EKS or AKS names, in whichever member shippers keep the name of the log. */
export function clusterOfEnvelope(fields: Fields): string | undefined {
  const group = fields["logGroup"] ?? fields["logGroupName"] ?? fields["log_group"];
  if (typeof group === "string") {
    return eksCluster(group, fields);
  }
  const resource = fields["resourceId"];
  return typeof resource === "string" ? aksCluster(resource) : undefined;
}

/** The cluster of an entry of Cloud Logging: `resource.labels` of a `k8s_cluster`. */
export function clusterOfEntry(entry: Fields): string | undefined {
  const resource = entry["resource"];
  const labels = isFields(resource) ? resource["labels"] : undefined;
  const name = isFields(labels) ? labels["cluster_name"] : undefined;
  if (!isFields(labels) || !isText(name)) {
    return undefined;
  }
  const [project, location] = [labels["project_id"], labels["location"]];
  return bounded(
    [
      ...(isText(project) ? ["projects", segment(project)] : []),
      ...(isText(location) ? ["locations", segment(location)] : []),
      "clusters",
      segment(name),
    ].join("/"),
  );
}

const EKS_GROUP = /^\/aws\/eks\/([^/]+)\/cluster$/;
const ACCOUNT = /^\d{12}$/;

/** A subscription says whose account the log group is in, and many accounts have a cluster called `prod`. */
function eksCluster(group: string, { messageType, owner }: Fields): string | undefined {
  const name = EKS_GROUP.exec(group)?.[1];
  if (name === undefined) {
    return undefined;
  }
  const account =
    messageType === "DATA_MESSAGE" && typeof owner === "string" && ACCOUNT.test(owner) ? owner : undefined;
  return bounded(account === undefined ? name : `${account}/${name}`);
}

const AKS_RESOURCE =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.containerservice\/managedclusters\/[^/]+$/;

/** Azure writes the ids of its resources in any case, and means the same. */
function aksCluster(resource: string): string | undefined {
  const id = resource.toLowerCase();
  return AKS_RESOURCE.test(id) ? bounded(id) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** No name of a cloud's has a `/`, and a made-up one shall not look like another cluster's. */
function segment(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("/", "%2F");
}

/** Longer than any cloud allows: the ids of Azure, which are the longest, have about 300 characters. */
const LONGEST = 400;

/** Made-up names have any length: what they begin with and a hash tell them apart as well. */
function bounded(name: string): string {
  const text = wellFormed(name);
  return text.length <= LONGEST ? text : `${text.slice(0, 60).toWellFormed()}...~${hashText(text)}`;
}
