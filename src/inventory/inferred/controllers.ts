import type { Directory } from "../../model/directory.ts";
import type { InferredClient } from "../../model/inferred.ts";
import { distinctClients, workloadsWith } from "./front-ends.ts";
import { clientOf } from "./gathering.ts";

/** How the pods of a controller's data plane are known, or that it has none in the cluster. */
interface Controller {
  /** What `spec.controller` of an IngressClass or `spec.controllerName` of a GatewayClass begins with. */
  readonly names: readonly string[];
  /** Values of the annotation that there was before IngressClasses, and usual names of a class. */
  readonly classes: readonly string[];
  /** Labels of its pods, one set of them or another; an empty value stands for any. */
  readonly labels: readonly Readonly<Record<string, string>>[];
  /** Who arrives at a pod where it is no pod that forwards. */
  readonly client?: Extract<InferredClient["kind"], "nodes" | "outside-or-nodes">;
}

const NAME = "app.kubernetes.io/name";
const COMPONENT = "app.kubernetes.io/component";

/**
 * Sources: the controllers' own charts and documentation. Labels are those of pods that carry the traffic, which need
 * not be those of the controller that configures them.
 */
const CONTROLLERS: readonly Controller[] = [
  {
    names: ["k8s.io/ingress-nginx"],
    classes: ["nginx"],
    labels: [{ [NAME]: "ingress-nginx", [COMPONENT]: "controller" }],
  },
  {
    names: ["nginx.org/ingress-controller"],
    classes: ["nginx"],
    labels: [{ [NAME]: "nginx-ingress" }, { app: "nginx-ingress" }],
  },
  { names: ["traefik.io/"], classes: ["traefik"], labels: [{ [NAME]: "traefik" }] },
  { names: ["haproxy.org/ingress-controller"], classes: ["haproxy"], labels: [{ [NAME]: "kubernetes-ingress" }] },
  { names: ["haproxy-ingress.github.io/"], classes: ["haproxy"], labels: [{ [NAME]: "haproxy-ingress" }] },
  {
    names: ["projectcontour.io/"],
    classes: ["contour"],
    labels: [{ app: "envoy" }, { [NAME]: "contour", [COMPONENT]: "envoy" }],
  },
  {
    names: ["ingress-controllers.konghq.com/", "konghq.com/"],
    classes: ["kong"],
    labels: [{ [NAME]: "kong" }, { [NAME]: "gateway", [COMPONENT]: "app" }],
  },
  { names: ["istio.io/"], classes: ["istio"], labels: [{ istio: "ingressgateway" }] },
  {
    names: ["openshift.io/ingress-to-route"],
    classes: ["openshift-default"],
    labels: [{ "ingresscontroller.operator.openshift.io/deployment-ingresscontroller": "" }],
  },
  { names: ["cilium.io/", "io.cilium/"], classes: ["cilium"], labels: [], client: "nodes" },
  {
    names: ["ingress.k8s.aws/", "gateway.k8s.aws/", "networking.gke.io/", "azure/application-gateway"],
    classes: ["alb", "azure-application-gateway", "gce", "gce-internal"],
    labels: [],
    client: "outside-or-nodes",
  },
];

/**
 * Who forwards for a class of ingresses or gateways, by its controller's name, or where that is not known by the usual
 * name of the class; with neither, every controller that is known.
 *
 * @returns nobody when none is known
 */
export function controllerClients(
  directory: Directory,
  controller: string | undefined,
  className: string | undefined,
): readonly InferredClient[] {
  const fitting = CONTROLLERS.filter(({ names, classes, client }) => {
    if (controller !== undefined) return names.some((name) => controller.startsWith(name));
    return className === undefined ? client === undefined : classes.includes(className);
  });
  return distinctClients(
    fitting.flatMap(({ labels, client }): readonly InferredClient[] =>
      client === undefined ? labels.flatMap((set) => workloadsWith(directory, set)).map(clientOf) : [{ kind: client }],
    ),
  );
}

/**
 * Who forwards for a class that was installed together with its controller: charts give both the same labels.
 *
 * @param labels of the class object
 */
export function installedWith(directory: Directory, labels: unknown): readonly InferredClient[] {
  const own = new Map(typeof labels === "object" && labels !== null ? Object.entries(labels) : []);
  const wanted = [NAME, "app.kubernetes.io/instance", COMPONENT].flatMap((key) => {
    const value: unknown = own.get(key);
    return typeof value === "string" && value !== "" ? [[key, value] as const] : [];
  });
  const isTelling = own.has(NAME) && own.has("app.kubernetes.io/instance");
  return isTelling ? distinctClients(workloadsWith(directory, Object.fromEntries(wanted)).map(clientOf)) : [];
}
