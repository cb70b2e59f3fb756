import { buildWorld, edge, entity, external, nodes, pod, service, workload } from "./build-world.ts";
import type { DnsSetup, Extensions, Namespace, Workload, World, WorldEdge } from "./world.ts";

export interface ShopOptions {
  /** Multiplies every rate. */
  readonly scale?: number;
  readonly nodeLocal?: DnsSetup["nodeLocal"];
  /** 53, or 5353 as on OpenShift. */
  readonly dnsPort?: number;
  /** The family of all pod and node addresses; Services keep theirs. */
  readonly family?: "IPv4" | "IPv6";
  /** A second cluster in the mesh: its `stock` service reads the catalog, and the checkout calls it. */
  readonly mesh?: boolean;
  /** How many people visit from the internet. */
  readonly visitors?: number;
}

const NAMESPACES: readonly Namespace[] = [
  { name: "default", labels: {} },
  { name: "ingress", labels: {} },
  { name: "kube-system", labels: {} },
  { name: "monitoring", labels: {} },
  { name: "shop", labels: {} },
];

/** Every pod of the shop has the second label: it must never be enough to select one. */
function shopLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop" };
}

function workloads(scale: number): Workload[] {
  const probe = { port: 8080, perHour: 0.5 * scale };
  const annotations = { "prometheus.io/scrape": "true", "prometheus.io/port": "9090" };
  const web = (name: string, special: Partial<Workload> = {}): Workload =>
    workload(`shop/${name}`, { replicas: 2, labels: shopLabels(name), probe, annotations, ...special });
  const closed = { ingress: true, egress: false };
  return [
    web("frontend", { replicas: 3, rollouts: 1 }),
    web("cart"),
    web("catalog"),
    web("checkout", { rollouts: 1, proxied: true }),
    web("payments", { labels: { ...shopLabels("payments"), tier: "pci" }, proxied: true }),
    workload("shop/redis", { kind: "StatefulSet", labels: shopLabels("redis") }),
    // Pinned: the probe from default/debug must cross nodes, where its own node sees it leave.
    workload("shop/db", { kind: "StatefulSet", labels: shopLabels("db"), node: 1, isolated: closed }),
    workload("shop/report", {
      kind: "CronJob",
      labels: shopLabels("report"),
      schedule: { minutesOfDay: [120], weekday: undefined },
    }),
    workload("shop/checkout-operator", { labels: shopLabels("checkout-operator") }),
    workload("monitoring/prometheus", {
      kind: "StatefulSet",
      labels: { app: "prometheus" },
      serviceAccount: "prometheus",
    }),
    workload("ingress/ingress-nginx", { replicas: 2, labels: { app: "ingress-nginx" } }),
    workload("kube-system/coredns", { replicas: 2, labels: { "k8s-app": "kube-dns" }, serviceAccount: "coredns" }),
    workload("default/debug", { kind: "Pod", labels: { run: "debug" }, serviceAccount: "default", node: 2 }),
  ];
}

/** What the shop's objects say beside what happens: its way in, and a webhook that nobody happens to call. */
const EXTENSIONS: Extensions = {
  webhooks: [{ kind: "Validating", service: { namespace: "shop", name: "checkout-operator", port: 443 } }],
  apiServices: [],
  ingresses: [{ host: "shop.example", className: "nginx", service: { namespace: "shop", name: "frontend", port: 80 } }],
  routes: [],
  monitors: [],
};

interface Outside {
  readonly visitors: readonly string[];
  /** Where the payment provider answers; one name for both. */
  readonly providers: readonly string[];
}

function shopEdges(scale: number, { visitors, providers }: Outside): WorldEdge[] {
  const rate = (perHour: number): { perHour: number } => ({ perHour: perHour * scale });
  const scraped = ["frontend", "cart", "catalog", "checkout", "payments"];
  return [
    edge(pod("ingress/ingress-nginx"), pod("shop/frontend"), 8080, { ...rate(5), http: ["/", "/product/7"] }),
    edge(pod("shop/frontend"), pod("shop/catalog"), 8080, { ...rate(5), http: ["/products?page=1&sort=<price>"] }),
    edge(pod("shop/frontend"), pod("shop/cart"), 8080, { ...rate(4), http: ["/cart"] }),
    edge(pod("shop/frontend"), pod("shop/checkout"), 8080, { ...rate(1.5), http: ["/checkout"] }),
    edge(pod("shop/checkout"), pod("shop/cart"), 8080, { ...rate(1.5), http: ["/cart?user=42&lock=1"] }),
    edge(pod("shop/checkout"), pod("shop/payments"), 8443, rate(1.5)),
    edge(pod("shop/cart"), pod("shop/redis"), 6379, rate(4)),
    edge(pod("shop/catalog"), pod("shop/db"), 5432, rate(1.5)),
    // Opened when the pod started, before anybody looked.
    edge(pod("shop/checkout"), pod("shop/db"), 5432, { ...rate(0.4), life: "established" }),
    ...providers.map((address) => edge(pod("shop/payments"), external(address), 443, rate(0.8))),
    edge(pod("shop/report"), pod("shop/db"), 5432, { perHour: 3 }),
    edge(pod("shop/checkout-operator"), entity("kube-apiserver"), 6443, rate(1)),
    ...scraped.map((name) => edge(pod("monitoring/prometheus"), pod(`shop/${name}`), 9090, rate(0.8))),
    ...visitors.map((address) => edge(external(address), pod("ingress/ingress-nginx"), 8443, rate(0.15))),
  ];
}

/** The small shop of the examples: nine workloads in `shop`, four outside it, and what they need. */
export function shop(options: ShopOptions = {}): World {
  const { scale = 1, nodeLocal = "none", dnsPort = 53, visitors = 12, family = "IPv4", mesh = false } = options;
  const elsewhere = entity("other-cluster");
  const meshed = [edge(elsewhere, pod("shop/catalog"), 8080), edge(pod("shop/checkout"), elsewhere, 8080)];
  const people = Array.from({ length: visitors }, (_, index) =>
    family === "IPv4" ? `198.51.100.${index * 7 + 20}` : `2001:db8::${index * 7 + 20}`,
  );
  const providers = ["10", "11"].map((last) => (family === "IPv4" ? `203.0.113.${last}` : `2001:db8:1::${last}`));
  const resolving = ["frontend", "cart", "catalog", "checkout", "payments"].map((name) => pod(`shop/${name}`));
  return buildWorld({
    cluster: "shop",
    nodes: nodes(4, { family }),
    namespaces: NAMESPACES,
    workloads: workloads(scale),
    services: [
      service("shop/frontend", "10.96.11.10", [[80, 8080]]),
      service("shop/cart", "10.96.11.11", [[80, 8080]]),
      service("shop/catalog", "10.96.11.12", [[80, 8080]]),
      service("shop/checkout", "10.96.11.13", [[80, 8080]]),
      service("shop/payments", "10.96.11.14", [[443, 8443]]),
      service("shop/redis", "10.96.11.15", [[6379, 6379]]),
      service("shop/db", "10.96.11.16", [[5432, 5432]]),
      service("shop/checkout-operator", "10.96.11.17", [[443, 9443]]),
      {
        ...service("ingress/ingress-nginx", "10.96.11.18", [[443, 8443]]),
        type: "LoadBalancer",
        loadBalancerIp: "192.0.2.10",
      },
      {
        ...service("kube-system/kube-dns", "10.96.0.10", [
          [53, dnsPort, "UDP"],
          [53, dnsPort],
        ]),
        workload: "coredns",
      },
    ],
    externals: [
      ...providers.map((address) => ({ address, names: ["api.payment.example"] })),
      ...people.map((address) => ({ address, names: [] })),
    ],
    edges: [...shopEdges(scale, { visitors: people, providers }), ...(mesh ? meshed : [])],
    denied: [
      { client: pod("default/debug"), server: pod("shop/db"), protocol: "TCP", port: 5432, at: "ingress", attempts: 3 },
    ],
    extensions: EXTENSIONS,
    dns: { namespace: "kube-system", workload: "coredns", service: "kube-dns", port: dnsPort, nodeLocal },
    resolvers: [...resolving.map((peer) => ({ peer, perHour: 1.5 * scale })), { peer: pod("shop/report"), perHour: 1 }],
  });
}
