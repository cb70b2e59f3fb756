import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { stringify } from "yaml";

/**
 * Measures `netlearn check` on dumps of pods as kubectl and the API write them, and on policies as they lie in a
 * repository, beside a bare `JSON.parse` of the same JSON, in turns, and prints medians.
 */
const root = path.resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "100" },
    policies: { type: "string", default: "12000" },
    rounds: { type: "string", default: "3" },
  },
});
const SIZE = Number(values.megabytes) * 1e6;
const folder = path.join(root, ".cache/bench");

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

async function measure(args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", path.join(root, "test/bench/report-usage.ts"), ...args], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const [usage, code] = await Promise.all([
    buffer(child.stdio[3] as Readable),
    new Promise((resolve) => child.on("close", resolve)),
  ]);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${String(code)}`);
  const { peakKib, cpuMicros } = JSON.parse(usage.toString("utf8"));
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: cpuMicros / 1e6, peakMib: peakKib / 1024 };
}

/** A pod with about as much around what matters as a cluster keeps. */
function pod(index: number): Record<string, unknown> {
  const [app, namespace, ip] = [
    `app-${index % 400}`,
    `ns-${index % 40}`,
    `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
  ];
  const hash = (index % 400).toString(16).padStart(10, "5");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      annotations: { "checksum/config": hash.repeat(6), "prometheus.io/scrape": "true" },
      creationTimestamp: "2026-01-02T03:04:05Z",
      labels: { "app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shop", "pod-template-hash": hash },
      name: `${app}-${hash}-${index}`,
      namespace,
      ownerReferences: [{ apiVersion: "apps/v1", controller: true, kind: "ReplicaSet", name: `${app}-${hash}` }],
    },
    spec: {
      containers: [
        {
          env: Array.from({ length: 20 }, (_, key) => ({ name: `VARIABLE_${key}`, value: `value ${key} of ${index}` })),
          image: `registry.example.com/shop/${app}:v1.2.3`,
          livenessProbe: { failureThreshold: 3, httpGet: { path: "/healthz", port: "http" }, periodSeconds: 10 },
          name: app,
          ports: [{ containerPort: 8080, name: "http", protocol: "TCP" }],
          resources: { limits: { memory: "512Mi" }, requests: { cpu: "100m", memory: "256Mi" } },
          volumeMounts: [{ mountPath: "/etc/app", name: "config", readOnly: true }],
        },
      ],
      nodeName: `node-${index % 97}`,
      tolerations: ["not-ready", "unreachable"].map((key) => ({ effect: "NoExecute", key, tolerationSeconds: 300 })),
      volumes: [{ configMap: { defaultMode: 420, name: `${app}-config` }, name: "config" }],
    },
    status: {
      conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({ status: "True", type })),
      containerStatuses: [{ containerID: `containerd://${hash.repeat(6)}`, name: app, ready: true, restartCount: 0 }],
      phase: "Running",
      podIP: ip,
      podIPs: [{ ip }],
    },
  };
}

function policy(index: number): string {
  const [app, client] = [`app-${index}`, `app-${(index * 7) % Number(values.policies)}`];
  return `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${app}
  namespace: ns-${index % 400}
spec:
  podSelector:
    matchLabels:
      app: ${app}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels: {app: ${client}}
      ports:
        - port: 8080
`;
}

/** Writes texts until a file is large enough. */
async function generate(
  name: string,
  parts: { head: string; part: (index: number) => string; tail: string },
): Promise<string> {
  const file = path.join(folder, name);
  const out = createWriteStream(file);
  out.write(parts.head);
  for (let index = 0, size = 0; size < SIZE; index++) {
    const text = parts.part(index);
    size += text.length;
    if (!out.write(text)) await once(out, "drain");
  }
  out.end(parts.tail);
  await finished(out);
  return file;
}

function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gmu, " ".repeat(by));
}

/** The YAML of a pod. The library is slow, and few pods of a cluster differ in more than a name. */
const layouts: string[] = [];
function layout(index: number): string {
  const { name, namespace } = pod(index)["metadata"] as { readonly name: string; readonly namespace: string };
  const text = (layouts[index % 400] ??= stringify(pod(index % 400), { indentSeq: false, lineWidth: 0 }));
  return text
    .replace(/^ {2}name: .*$/mu, `  name: ${name}`)
    .replace(/^ {2}namespace: .*$/mu, `  namespace: ${namespace}`);
}

/** Parses the file and nothing else. */
const PLAIN = 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))';

mkdirSync(folder, { recursive: true });
const policies = path.join(folder, "policies.yaml");
writeFileSync(policies, Array.from({ length: Number(values.policies) }, (_, index) => policy(index)).join(""));
const files: readonly (readonly [name: string, file: string])[] = [
  [
    "pods, kubectl -o json",
    await generate("pods.json", {
      head: '{\n    "apiVersion": "v1",\n    "items": [\n',
      part: (index) => `${index === 0 ? "" : ",\n"}${indented(JSON.stringify(pod(index), undefined, 4), 8)}`,
      tail: '\n    ],\n    "kind": "List"\n}\n',
    }),
  ],
  [
    "pods, JSON of the API",
    await generate("pods.line.json", {
      head: '{"kind":"PodList","apiVersion":"v1","items":[',
      part: (index) =>
        (index === 0 ? "" : ",") + JSON.stringify({ ...pod(index), kind: undefined, apiVersion: undefined }),
      tail: "]}\n",
    }),
  ],
  [
    "pods, kubectl -o yaml",
    await generate("pods.yaml", {
      head: "apiVersion: v1\nitems:\n",
      part: (index) => `- ${indented(layout(index), 2).trimStart()}`,
      tail: "kind: List\n",
    }),
  ],
  [`${values.policies} policies, YAML`, policies],
];

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function row(name: string, runs: readonly Measured[], bytes: number): string {
  const seconds = median(runs.map((one) => one.seconds));
  const cpu = median(runs.map((one) => one.cpuSeconds));
  const peak = Math.max(...runs.map((one) => one.peakMib));
  const cells = [
    `${seconds.toFixed(1)} s`,
    `${cpu.toFixed(1)} s of CPU`,
    `${(bytes / seconds / 1e6).toFixed(0)} MB/s`,
    `${Math.round(peak)} MiB at the most`,
  ];
  return name.padEnd(40) + cells.map((cell) => cell.padStart(20)).join("");
}

for (const [name, file] of files) {
  const checks: Measured[] = [];
  const plains: Measured[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    checks.push(await measure([path.join(root, "bin/netlearn.js"), "check", file, "--quiet", "--fail-on", "never"]));
    if (file.endsWith(".json")) plains.push(await measure(["--eval", PLAIN, file]));
  }
  const bytes = statSync(file).size;
  console.log(row(`${name}: netlearn check`, checks, bytes));
  if (plains.length > 0) console.log(row(`${name}: JSON.parse`, plains, bytes));
}
