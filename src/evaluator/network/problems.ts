import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../../model/manifest.ts";
import { blockProblems, strictBlockProblems } from "./block-problems.ts";
import { isDnsLabel, isDnsSubdomain, isPortName } from "./names.ts";
import { presentParts } from "./present.ts";
import { inField, inItems, NO_PROBLEMS, type Problems, problem, quoted, sentencesOf, together } from "./problem.ts";
import { keyProblems, labelProblems, selectorProblems } from "./selector-problems.ts";
import { shapeProblems } from "./shape.ts";

const LAST_PORT = 65_535;
/** Keys and values of all annotations together, in bytes of UTF-8 (apimachinery, TotalAnnotationSizeLimitB). */
const ANNOTATIONS_LIMIT = 256 * 1024;

/**
 * What the API server of any Kubernetes would refuse in a policy (strict field validation included, as kubectl asks for
 * it), one sentence each, beginning with the path: `spec.ingress[0].from[1].ipBlock.cidr: ...`. Empty for a good policy,
 * and for one that only newer servers refuse (`newerProblemsOf`). The policy may be anything a YAML file holds.
 * Source: kubernetes/kubernetes pkg/apis/networking/validation/validation.go.
 */
export function problemsOf(policy: NetworkPolicy): string[] {
  // Of the policy as it is written: a field that is no field is wrong even where it is `null`.
  const wrongShape = shapeProblems(policy);
  return wrongShape.length > 0 ? sentencesOf(wrongShape) : problemsOfPresent(presentParts(policy));
}

/** As {@link problemsOf}, of a policy that is free of `null` already. */
export function problemsOfPresent(policy: NetworkPolicy): string[] {
  const wrongShape = shapeProblems(policy);
  if (wrongShape.length > 0) {
    return sentencesOf(wrongShape);
  }
  if (policy.metadata === undefined) {
    return ["metadata: is missing"];
  }
  // A policy without spec is accepted: it closes ingress for the whole namespace.
  return sentencesOf(together(headProblems(policy), inField("spec", specProblems(policy.spec ?? {}))));
}

/**
 * What newer API servers refuse in a policy and older ones take, with the version it began with. A cluster may have such
 * a policy all the same, and applies it: an older one, or one that got it before an upgrade. The policy must be one
 * without `problemsOf`.
 */
export function newerProblemsOf(policy: NetworkPolicy): string[] {
  const { ingress, egress } = presentParts(policy).spec ?? {};
  const peersProblems = (peers: readonly NetworkPolicyPeer[] | undefined): Problems =>
    inItems(peers ?? [], ({ ipBlock }) =>
      ipBlock === undefined ? NO_PROBLEMS : inField("ipBlock", strictBlockProblems(ipBlock)),
    );
  return sentencesOf(
    together(
      Object.hasOwn(policy, "status")
        ? inField("status", problem("is no field of a NetworkPolicy since Kubernetes 1.28; leave it out"))
        : NO_PROBLEMS,
      inField(
        "spec",
        together(
          inField(
            "ingress",
            inItems(ingress ?? [], ({ from }) => inField("from", peersProblems(from))),
          ),
          inField(
            "egress",
            inItems(egress ?? [], ({ to }) => inField("to", peersProblems(to))),
          ),
        ),
      ),
    ),
  );
}

function headProblems({ apiVersion, kind, metadata }: NetworkPolicy): Problems {
  const isPolicy = apiVersion === "networking.k8s.io/v1" && kind === "NetworkPolicy";
  return together(
    isPolicy
      ? NO_PROBLEMS
      : inField(
          "apiVersion",
          problem(`${quoted(apiVersion)} ${quoted(kind)} is not networking.k8s.io/v1 NetworkPolicy`),
        ),
    inField("metadata", metadataProblems(metadata)),
  );
}

function metadataProblems({ name, namespace, labels, annotations }: NetworkPolicy["metadata"]): Problems {
  const isNamed = name !== undefined && isDnsSubdomain(name);
  const isPlaced = namespace === undefined || namespace === "" || isDnsLabel(namespace);
  return together(
    isNamed ? NO_PROBLEMS : inField("name", problem(`${quoted(name)} must be a DNS-1123 name: a-z, 0-9, "-" and "."`)),
    isPlaced
      ? NO_PROBLEMS
      : inField("namespace", problem(`${quoted(namespace)} must be a DNS-1123 label: a-z, 0-9 and "-"`)),
    inField("labels", labelProblems(labels ?? {})),
    inField("annotations", annotationProblems(annotations ?? {})),
  );
}

function annotationProblems(annotations: Readonly<Record<string, string>>): Problems {
  // Annotation keys are checked in lower case (apimachinery, ValidateAnnotations).
  const keys = Object.keys(annotations).map((key) => keyProblems(key.toLowerCase()));
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  const isTooLarge = size > ANNOTATIONS_LIMIT;
  return together(
    ...keys,
    isTooLarge ? problem(`${size} bytes in all; may be at most ${ANNOTATIONS_LIMIT}`) : NO_PROBLEMS,
  );
}

function specProblems({ podSelector, ingress, egress, policyTypes }: NetworkPolicySpec): Problems {
  return together(
    inField("podSelector", selectorProblems(podSelector ?? {})),
    inField(
      "ingress",
      inItems(ingress ?? [], ({ from, ports }) =>
        together(
          inField("from", inItems(from ?? [], peerProblems)),
          inField("ports", inItems(ports ?? [], portEntryProblems)),
        ),
      ),
    ),
    inField(
      "egress",
      inItems(egress ?? [], ({ to, ports }) =>
        together(
          inField("to", inItems(to ?? [], peerProblems)),
          inField("ports", inItems(ports ?? [], portEntryProblems)),
        ),
      ),
    ),
    inField("policyTypes", typesProblems(policyTypes ?? [])),
  );
}

function typesProblems(types: readonly string[]): Problems {
  return together(
    types.length > 2 ? problem("may not name more than two types") : NO_PROBLEMS,
    inItems(types, (type) =>
      type === "Ingress" || type === "Egress" ? NO_PROBLEMS : problem(`${quoted(type)} must be "Ingress" or "Egress"`),
    ),
  );
}

function peerProblems({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): Problems {
  if (ipBlock !== undefined) {
    const isMixed = podSelector !== undefined || namespaceSelector !== undefined;
    return together(
      isMixed ? problem("may not have ipBlock and a selector; make two peers of it") : NO_PROBLEMS,
      inField("ipBlock", blockProblems(ipBlock)),
    );
  }
  if (podSelector === undefined && namespaceSelector === undefined) {
    return problem("must have podSelector, namespaceSelector or ipBlock; leave the list out to mean everyone");
  }
  return together(
    inField("podSelector", selectorProblems(podSelector ?? {})),
    inField("namespaceSelector", selectorProblems(namespaceSelector ?? {})),
  );
}

function portEntryProblems(entry: NetworkPolicyPort): Problems {
  const { protocol, port } = entry;
  const isKnown = protocol === undefined || protocol === "TCP" || protocol === "UDP" || protocol === "SCTP";
  return together(
    isKnown ? NO_PROBLEMS : inField("protocol", problem(`${quoted(protocol)} must be TCP, UDP or SCTP`)),
    inField("port", portProblems(port)),
    inField("endPort", rangeProblems(entry)),
  );
}

function isPort(value: number): boolean {
  return value >= 1 && value <= LAST_PORT;
}

function portProblems(port: number | string | undefined): Problems {
  if (typeof port === "number" && !isPort(port)) {
    return problem(`${port} must be from 1 to ${LAST_PORT}`);
  }
  if (typeof port === "string" && !isPortName(port)) {
    const hint = /^[0-9]+$/.test(port) ? "; a number is written without quotes" : "";
    return problem(`${quoted(port)} must be a port's name: at most 15 of a-z, 0-9 and "-", with a letter${hint}`);
  }
  return NO_PROBLEMS;
}

function rangeProblems({ port, endPort }: NetworkPolicyPort): Problems {
  if (endPort === undefined) {
    return NO_PROBLEMS;
  }
  if (typeof port !== "number") {
    return problem(`needs a numeric port to begin the range, not ${quoted(port)}`);
  }
  return isPort(endPort) && endPort >= port
    ? NO_PROBLEMS
    : problem(`${endPort} must be at least ${port} and at most ${LAST_PORT}`);
}
