import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface FleetSize {
  readonly namespaces: number;
  /** Of each namespace. */
  readonly workloads: number;
  readonly manifests: number;
}

export interface Fleet {
  readonly files: number;
  readonly workloads: number;
  /** A Hubble export in which every workload is called by some others. */
  readonly flows: string;
}

const OVERLAYS = ["prod", "staging", "test"];

/** Writes a GitOps repository: for each namespace a Kustomize base with overlays, Applications, and files about other things. */
export function writeFleet(folder: string, { namespaces, workloads, manifests }: FleetSize): Fleet {
  let files = 0;
  const write = (name: string, lines: readonly string[]): void => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${lines.join("\n")}\n`);
    files++;
  };
  for (let number = 0; number < namespaces; number++) {
    const namespace = `team-${number}`;
    const names = Array.from({ length: workloads }, (_, index) => `app-${index}`);
    for (const name of names) write(`teams/${namespace}/base/${name}.yaml`, deployment(name));
    write(`teams/${namespace}/base/kustomization.yaml`, kustomization(names.map((name) => `${name}.yaml`)));
    for (const overlay of OVERLAYS) {
      const target = overlay === "prod" ? namespace : `${namespace}-${overlay}`;
      write(`teams/${namespace}/${overlay}/kustomization.yaml`, [
        ...kustomization(["../base"]),
        `namespace: ${target}`,
      ]);
      write(`clusters/${overlay}/${namespace}.yaml`, application(target, `teams/${namespace}/${overlay}`, overlay));
    }
  }
  const others = Array.from({ length: manifests - files }, (_, number) => number);
  for (const number of others) write(`platform/part-${number % 200}/config-${number}.yaml`, configMap(number));
  return { files, workloads: namespaces * workloads, flows: flowsBetween(namespaces, workloads) };
}

function deployment(name: string): readonly string[] {
  return [
    "apiVersion: apps/v1",
    "kind: Deployment",
    `metadata: {name: ${name}}`,
    "spec:",
    `  selector: {matchLabels: {app: ${name}}}`,
    "  template:",
    `    metadata: {labels: {app: ${name}}}`,
    "    spec:",
    "      containers:",
    `        - {name: main, image: "registry.example/${name}:1.0", ports: [{containerPort: 8080}]}`,
    "---",
    "apiVersion: v1",
    "kind: Service",
    `metadata: {name: ${name}}`,
    `spec: {selector: {app: ${name}}, ports: [{port: 80, targetPort: 8080}]}`,
  ];
}

function kustomization(resources: readonly string[]): readonly string[] {
  return [
    "apiVersion: kustomize.config.k8s.io/v1beta1",
    "kind: Kustomization",
    "resources:",
    ...resources.map((resource) => `  - ${resource}`),
  ];
}

function application(namespace: string, folder: string, overlay: string): readonly string[] {
  return [
    "apiVersion: argoproj.io/v1alpha1",
    "kind: Application",
    `metadata: {name: ${namespace}, namespace: argocd}`,
    "spec:",
    "  project: default",
    `  source: {repoURL: "https://github.com/acme/fleet.git", targetRevision: HEAD, path: ${folder}}`,
    `  destination: {server: "https://${overlay}.example", namespace: ${namespace}}`,
  ];
}

function configMap(number: number): readonly string[] {
  const data = Array.from({ length: 20 }, (_, line) => `  key-${line}: "value ${number * 31 + line}"`);
  return [
    "apiVersion: v1",
    "kind: ConfigMap",
    `metadata: {name: config-${number}, namespace: platform}`,
    "data:",
    ...data,
  ];
}

/** Of a mesh in which everything is called by the three before it, and by one of the team before. */
function flowsBetween(namespaces: number, workloads: number): string {
  const lines: string[] = [];
  for (let team = 0; team < namespaces; team++) {
    for (let app = 0; app < workloads; app++) {
      for (const step of [1, 2, 3]) lines.push(flow([team, (app + step) % workloads], [team, app], lines.length));
      lines.push(flow([(team + 1) % namespaces, app], [team, app], lines.length));
    }
  }
  return `${lines.join("\n")}\n`;
}

type Place = readonly [team: number, app: number];

function flow(client: Place, server: Place, number: number): string {
  const time = new Date(Date.UTC(2026, 0, 5) + (number % 72) * 3_600_000).toISOString();
  return JSON.stringify({
    flow: {
      time,
      verdict: "FORWARDED",
      IP: { source: address(client), destination: address(server), ipVersion: "IPv4" },
      l4: { TCP: { source_port: 40_000 + (number % 20_000), destination_port: 8080, flags: { SYN: true } } },
      source: endpoint(client),
      destination: endpoint(server),
      Type: "L3_L4",
      node_name: "node-1",
      event_type: { type: 4, sub_type: 0 },
      traffic_direction: "INGRESS",
      trace_observation_point: "TO_ENDPOINT",
      is_reply: false,
    },
    node_name: "node-1",
    time,
  });
}

function address([team, app]: Place): string {
  return `10.${team}.0.${app + 1}`;
}

function endpoint([team, app]: Place): object {
  const [namespace, name] = [`team-${team}`, `app-${app}`];
  return {
    identity: 1000 + team * 100 + app,
    namespace,
    labels: [`k8s:app=${name}`, `k8s:io.kubernetes.pod.namespace=${namespace}`],
    pod_name: `${name}-5d69f8c7b4-x7k2p`,
    workloads: [{ name, kind: "Deployment" }],
  };
}
