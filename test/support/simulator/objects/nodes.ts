import type { ClusterNode } from "../world.ts";
import { type Moment, metaOf } from "./moment.ts";
import { type KubeObject, timeText } from "./object.ts";

/** `10.244.1.0/24`, `fd00:10:244:1::/64`. */
function podCidr({ podPrefix }: ClusterNode): string {
  return podPrefix.includes(":") ? `${podPrefix}/64` : `${podPrefix}0/24`;
}

function labelsOf({ name, controlPlane }: ClusterNode): Record<string, string> {
  const role = controlPlane ? { "node-role.kubernetes.io/control-plane": "" } : {};
  return {
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    ...role,
    "topology.kubernetes.io/zone": "zone-a",
  };
}

function conditions(moment: Moment): object[] {
  const times = { lastHeartbeatTime: timeText(moment.at), lastTransitionTime: timeText(moment.born) };
  const fine = (type: string, reason: string): object => ({ type, status: "False", reason, ...times });
  return [
    fine("MemoryPressure", "KubeletHasSufficientMemory"),
    fine("DiskPressure", "KubeletHasNoDiskPressure"),
    fine("PIDPressure", "KubeletHasSufficientPID"),
    { type: "Ready", status: "True", reason: "KubeletReady", ...times },
  ];
}

const CAPACITY = { cpu: "8", memory: "32Gi", "ephemeral-storage": "200Gi", pods: "200" };

const NODE_INFO = {
  architecture: "amd64",
  bootID: "5f0c2a7e-61cf-4d0e-8f4d-3d2f1b6a9c01",
  containerRuntimeVersion: "containerd://2.1.4",
  kernelVersion: "6.8.0-79-generic",
  kubeProxyVersion: "",
  kubeletVersion: "v1.34.1",
  machineID: "5f0c2a7e61cf4d0e8f4d3d2f1b6a9c01",
  operatingSystem: "linux",
  osImage: "Ubuntu 24.04.3 LTS",
  systemUUID: "5f0c2a7e-61cf-4d0e-8f4d-3d2f1b6a9c01",
};

/** A Node with what its kubelet reports. */
export function nodeObject(moment: Moment, node: ClusterNode): KubeObject {
  const { name, ip, controlPlane } = node;
  const taint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: metaOf(moment, "Node", { name, labels: labelsOf(node) }),
    spec: {
      podCIDR: podCidr(node),
      podCIDRs: [podCidr(node)],
      providerID: `kind://docker/${moment.world.cluster}/${name}`,
      taints: controlPlane ? [taint] : undefined,
    },
    status: {
      addresses: [
        { type: "InternalIP", address: ip },
        { type: "Hostname", address: name },
      ],
      allocatable: CAPACITY,
      capacity: CAPACITY,
      conditions: conditions(moment),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: NODE_INFO,
    },
  };
}

/** What Cilium says of a node: the address in its pod CIDR that its host traffic carries, and those of its own endpoints. */
export function ciliumNodeObject(moment: Moment, node: ClusterNode, owner: KubeObject): KubeObject {
  const { name, ip, ciliumIp, healthIp, ingressIp } = node;
  const family = ip.includes(":") ? "ipv6" : "ipv4";
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion: "cilium.io/v2",
    kind: "CiliumNode",
    metadata: {
      ...metaOf(moment, "CiliumNode", { name, labels: labelsOf(node) }),
      generation: 1,
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }],
    },
    spec: {
      addresses: [
        { ip, type: "InternalIP" },
        { ip: ciliumIp, type: "CiliumInternalIP" },
      ],
      health: { [family]: healthIp },
      ingress: { [family]: ingressIp },
      ipam: { podCIDRs: [podCidr(node)] },
    },
  };
}
