import type { Directory, KnownService, KnownServicePort } from "../../model/directory.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import type { Servers } from "./gathering.ts";

/** A Service's port as objects refer to it: by number, by name, or any that there is. */
export interface ServicePortReference {
  readonly namespace: string;
  readonly name: string;
  /** Undefined means every port. */
  readonly port: number | string | undefined;
  /** Ports of other protocols may have the same number. Undefined means any. */
  readonly protocol: PolicyProtocol | undefined;
}

const NOBODY: Servers = { ends: [], problems: [] };

/** Who is behind a Service's port, on the pods' own ports. */
export function serversOf(directory: Directory, reference: ServicePortReference): Servers {
  const { namespace, name, port, protocol } = reference;
  const service = directory.serviceNamed(`${namespace}/${name}`);
  if (service === undefined) return missing(`no Service ${namespace}/${name}`);
  // It stands for a name, which may be anybody's.
  if (service.type === "ExternalName") return NOBODY;
  const ports = service.ports.filter(
    (one) =>
      (port === undefined || one.port === port || one.name === port) &&
      (protocol === undefined || one.protocol === protocol),
  );
  if (ports.length === 0) {
    const over = protocol === undefined ? "" : ` over ${protocol}`;
    return missing(`Service ${namespace}/${name} has no port${port === undefined ? "" : ` ${port}`}${over}`);
  }
  const found = ports.map((one) => serversOfPort(service, one));
  return { ends: found.flatMap(({ ends }) => ends), problems: found.flatMap(({ problems }) => problems) };
}

/** Who is behind one port. Endpoints that are no known pods are of no policy's concern. */
export function serversOfPort(
  service: KnownService,
  { protocol, port, backends, unresolved }: KnownServicePort,
): Servers {
  const shown = `${service.namespace}/${service.name}:${port}`;
  const ends = backends.flatMap((backend) =>
    backend.kind === "workload" ? [{ workload: backend.workload, protocol, port: backend.port }] : [],
  );
  const undeclared = unresolved.map(
    (workload) => `${workload.namespace}/${workload.name} does not declare the port that Service ${shown} names`,
  );
  const isEmpty = backends.length === 0 && unresolved.length === 0;
  return { ends, problems: isEmpty ? [`no known workload behind Service ${shown}`] : undeclared };
}

function missing(problem: string): Servers {
  return { ends: [], problems: [problem] };
}

/** A Service by the name that the cluster's DNS has for it: `NAME.NAMESPACE.svc`, with or without the cluster's domain. */
export function serviceOfHost(host: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.|$)/u.exec(host) ?? [];
  return name === undefined || namespace === undefined ? undefined : { namespace, name };
}
