import {
  clusterObjects,
  OBJECT_WORLDS,
  type Profile,
  randomCluster,
  type Simulation,
  shop,
  simulate,
  type World,
} from "../support/simulator/index.ts";

type Labels = Readonly<Record<string, string>>;

interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

interface Port {
  readonly name?: string;
  readonly protocol: string;
  readonly port?: number;
  readonly containerPort?: number;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

interface Template {
  readonly metadata: { readonly labels?: Labels };
  readonly spec: PodSpec;
}

interface PodSpec {
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly containers?: readonly { readonly ports?: readonly Port[] }[];
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions: { readonly ready?: boolean; readonly terminating?: boolean };
  readonly targetRef?: { readonly kind: string; readonly name: string; readonly uid: string };
}

/** What these tests read of an object, in types of their own: the writer's prove nothing. */
export interface Dumped {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
    readonly ownerReferences?: readonly Owner[];
  };
  readonly spec?: PodSpec & {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly replicas?: number;
    readonly schedule?: string;
    readonly podCIDR?: string;
    readonly ports?: readonly Port[];
    readonly selector?: Labels & { readonly matchLabels?: Labels };
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec: { readonly template: Template } };
    readonly addresses?: readonly { readonly type: string; readonly ip: string }[];
    readonly health?: Labels;
    readonly ingress?: Labels;
    readonly service?: { readonly namespace: string; readonly name: string; readonly port: number };
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly startTime?: string;
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] };
  };
  readonly addressType?: string;
  readonly endpoints?: readonly Endpoint[];
  readonly ports?: readonly Port[];
}

/** A dump at a time in microseconds. */
export function dumpAt(world: World, { population, profile }: Simulation, at: number): Dumped[] {
  const { policies } = profile;
  return clusterObjects(world, population, { at, policies }) as readonly unknown[] as Dumped[];
}

/** Dumps at any time, one made for each stretch in which no pod began or ended: its first moment stands for all of it. */
export function dumper(world: World, simulation: Simulation): (time: number) => Dumped[] {
  const pods = [...simulation.population.values()].flat();
  const changes = [...new Set(pods.flatMap(({ from, until }) => [from, until]))].toSorted((a, b) => a - b);
  const dumps = new Map<number, Dumped[]>();
  return (time) => {
    const at = changes.findLast((one) => one <= time) ?? time;
    const dump = dumps.get(at) ?? dumpAt(world, simulation, at);
    dumps.set(at, dump);
    return dump;
  };
}

const KINDS = new WeakMap<readonly Dumped[], Map<string, Dumped[]>>();

export function ofKind(dump: readonly Dumped[], ...kinds: readonly string[]): Dumped[] {
  const sorted = KINDS.get(dump) ?? Map.groupBy(dump, ({ kind }) => kind);
  KINDS.set(dump, sorted);
  return kinds.flatMap((kind) => sorted.get(kind) ?? []);
}

/** `shop/cart`, or the name alone. */
export function pathOf({ metadata: { namespace, name } }: Dumped): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** True when the pod has an address of its own and has not ended. */
export function isHolder({ kind, spec, status }: Dumped): boolean {
  return kind === "Pod" && status?.phase === "Running" && spec?.hostNetwork !== true;
}

export function matches(selector: Labels, labels: Labels = {}): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** Who owns an object in the end: the last of the owners whose uids the dump has. */
export function lastOwner(dump: ReadonlyMap<string, Dumped>, one: Dumped): Dumped {
  const owner = one.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return one;
  const found = dump.get(owner.uid);
  if (found === undefined || found.kind !== owner.kind || found.metadata.name !== owner.name) {
    throw new Error(`${one.kind} ${pathOf(one)} is owned by ${owner.kind} ${owner.name}, which is not in the dump`);
  }
  return lastOwner(dump, found);
}

const UIDS = new WeakMap<readonly Dumped[], Map<string, Dumped>>();

export function byUid(dump: readonly Dumped[]): Map<string, Dumped> {
  const found = UIDS.get(dump) ?? new Map(dump.map((one) => [one.metadata.uid, one]));
  UIDS.set(dump, found);
  return found;
}

/** The pods that hold an address of their own. */
export function holdersOf(dump: readonly Dumped[], ip: string): Dumped[] {
  return ofKind(dump, "Pod").filter((one) => isHolder(one) && one.status?.podIP === ip);
}

/** Every address of a node and of what Cilium runs on it. */
export function nodeAddresses(dump: readonly Dumped[]): Set<string> {
  const own = ofKind(dump, "CiliumNode").flatMap(({ spec }) => [
    ...(spec?.addresses ?? []).map((one) => one.ip),
    ...Object.values(spec?.health ?? {}),
    ...Object.values(spec?.ingress ?? {}),
  ]);
  return new Set(own);
}

interface Dialled {
  readonly protocol: string;
  readonly port: number;
}

/** The Service and its port that an address and number lead to: the Service's own, or any node's and a NodePort. */
function dialled(dump: readonly Dumped[], ip: string, to: Dialled): { service: Dumped; port: Port } | undefined {
  const isNode = ofKind(dump, "Node").some(({ status }) => status?.addresses?.some(({ address }) => address === ip));
  for (const service of ofKind(dump, "Service")) {
    const { clusterIP, ports = [] } = service.spec ?? {};
    const port = ports.find(
      (one) =>
        one.protocol === to.protocol &&
        ((clusterIP === ip && one.port === to.port) || (isNode && one.nodePort === to.port)),
    );
    if (port !== undefined) return { service, port };
  }
  return undefined;
}

/** What is behind an address and port that somebody dialled, by the objects alone: `address port`. */
export function behind(dump: readonly Dumped[], ip: string, to: Dialled): string[] {
  const found = dialled(dump, ip, to);
  return slicesOf(dump, found?.service).flatMap(({ ports = [], endpoints = [] }) =>
    ports
      .filter((one) => (one.name ?? "") === (found?.port.name ?? "") && one.protocol === to.protocol)
      .flatMap((one) => endpoints.flatMap(({ addresses }) => addresses.map((address) => `${address} ${one.port}`))),
  );
}

/** The EndpointSlices of a Service; none of none. */
export function slicesOf(dump: readonly Dumped[], service: Dumped | undefined): Dumped[] {
  return ofKind(dump, "EndpointSlice").filter(
    ({ metadata: { namespace, labels } }) =>
      namespace === service?.metadata.namespace && labels?.["kubernetes.io/service-name"] === service?.metadata.name,
  );
}

/** Clusters that dumps are held against. */
export const CLUSTERS: readonly (readonly [string, World])[] = [
  ["shop", shop()],
  ["shop with IPv6", shop({ family: "IPv6" })],
  ["shop with a DNS cache on each node", shop({ nodeLocal: "host" })],
  ...Object.entries(OBJECT_WORLDS),
  ...[1, 2, 3, 4, 5, 6].map((seed) => [`made-up ${seed}`, randomCluster(seed, 24)] as const),
];

/** A few hours of a cluster in which pods come and go and addresses go round. */
export function restless(world: World, special: Partial<Profile> = {}): Simulation {
  return simulate(world, { seed: "objects", hours: 3, restarts: 12, reuseIps: true, ...special });
}

/** `count` of a list, evenly spread. */
export function some<T>(list: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(list.length / count));
  return list.filter((_, index) => index % step === 0);
}
