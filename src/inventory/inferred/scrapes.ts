import type { Directory, KnownWorkload } from "../../model/directory.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { readPodName } from "../../model/pod-name.ts";
import { fieldAt, fieldOf, isRecord, textOf } from "../objects/fields.ts";
import { lastingLabels } from "../objects/object-labels.ts";
import { controllerOf } from "../objects/owner.ts";
import { type Gathering, promising, type Servers } from "./gathering.ts";
import type { ObjectsByType } from "./objects-by-type.ts";
import type { Scrapers } from "./scrapers.ts";
import { serversOf } from "./service-servers.ts";

/** Where the annotations of pods stand: of a pod, and of what makes pods. */
const POD_ANNOTATIONS: readonly (readonly string[])[] = [
  ["metadata", "annotations"],
  ["spec", "template", "metadata", "annotations"],
  ["spec", "jobTemplate", "spec", "template", "metadata", "annotations"],
];

/**
 * Reads the annotations `prometheus.io/scrape` and `prometheus.io/port` of Services, pods and pod templates, which are no
 * part of Kubernetes but of the configuration that Prometheus's own chart comes with.
 */
export function gatherAnnotated(
  objects: ObjectsByType,
  directory: Directory,
  scrapers: Scrapers,
  gathering: Gathering,
): void {
  for (const object of objects.all()) {
    const isService = object.kind === "Service" && !object.apiVersion.includes("/");
    const annotated = annotationsOf(object, isService);
    if (annotated === undefined) continue;
    const port = portOf(annotated);
    if (isService) {
      gathering.promise(promising("scrapes", object), scrapers.all(), serversOfService(object, port, directory));
      continue;
    }
    const workload = workloadOf(object, directory);
    if (workload === undefined) continue;
    // Pods come and go: the promise is their workload's.
    const { kind, namespace, name } = workload;
    const by = { ...promising("scrapes", object), object: `${kind}/${namespace}/${name}` };
    gathering.promise(by, scrapers.all(), serversOfPods(workload, port));
  }
}

/** Those that ask for a scrape. A template that another object writes (a ReplicaSet's) may be one of long ago. */
function annotationsOf({ kind, value }: ManifestObject, isService: boolean): unknown {
  const isPod = kind === "Pod";
  if (!isPod && controllerOf(fieldOf(value, "metadata")) !== undefined) return undefined;
  const paths = isPod || isService ? POD_ANNOTATIONS.slice(0, 1) : POD_ANNOTATIONS.slice(1);
  const found = paths.map((path) => fieldAt(value, ...path));
  return found.find(
    (one) => isRecord(one) && [one["prometheus.io/scrape"], one["prometheus.io/scrape-slow"]].includes("true"),
  );
}

/** The pods' own port; undefined where none is named, "unreadable" where it is none. */
function portOf(annotations: unknown): number | "unreadable" | undefined {
  const text = textOf(annotations, "prometheus.io/port");
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : "unreadable";
}

const UNREADABLE: Servers = { ends: [], problems: ["prometheus.io/port is no port number"] };

function serversOfService(
  { namespace, name = "" }: ManifestObject,
  port: ReturnType<typeof portOf>,
  directory: Directory,
): Servers {
  if (port === "unreadable") return UNREADABLE;
  const servers = serversOf(directory, { namespace, name, port: undefined, protocol: undefined });
  const overTcp = servers.ends.filter(({ protocol }) => protocol === "TCP");
  const ends = port === undefined ? overTcp : servers.ends.map((end) => ({ ...end, protocol: "TCP" as const, port }));
  return { ...servers, ends };
}

/** Without a port every declared one is a target (prometheus, kubernetes_sd_config, role `pod`). */
function serversOfPods(workload: KnownWorkload, port: ReturnType<typeof portOf>): Servers {
  if (port === "unreadable") return UNREADABLE;
  const declared = workload.ports.filter(({ protocol }) => protocol === "TCP").map((one) => one.port);
  const ports = port === undefined ? declared : [port];
  const problems = ports.length === 0 ? ["neither prometheus.io/port nor a declared port"] : [];
  return { ends: ports.map((one) => ({ workload, protocol: "TCP", port: one })), problems };
}

function workloadOf({ kind, namespace, name, value }: ManifestObject, directory: Directory): KnownWorkload | undefined {
  if (name === undefined) return undefined;
  const metadata = fieldOf(value, "metadata");
  const isPod = kind === "Pod";
  const found = directory.workloadOf({
    namespace,
    pod: isPod ? readPodName(name) : undefined,
    owner: isPod ? controllerOf(metadata) : { kind, name },
    labels: isPod ? lastingLabels(fieldOf(metadata, "labels")) : {},
    serviceAccount: undefined,
  });
  return found === "ambiguous" ? undefined : found;
}
