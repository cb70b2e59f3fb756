import type { ProposedFile } from "../../../src/model/placement.ts";
import type { FileChange, Repository, RepositoryFile } from "../../../src/model/repository.ts";

/** A repository of these texts by path, and of links. */
export function repositoryOf(texts: Readonly<Record<string, string>>, links: readonly string[] = []): Repository {
  const files: RepositoryFile[] = [
    ...Object.entries(texts).map(([path, text]) => ({
      path,
      kind: "file" as const,
      size: Buffer.byteLength(text),
      text,
    })),
    ...links.map((path) => ({ path, kind: "symlink" as const, size: 1, text: undefined })),
  ];
  return { commit: undefined, files: new Map(files.map((file) => [file.path, file])) };
}

/** The repository once a proposal is merged. */
export function afterwards(repository: Repository, changes: readonly FileChange[]): Repository {
  const files = new Map(repository.files);
  for (const change of changes) {
    if (change.kind === "delete") files.delete(change.path);
    else files.set(change.path, { path: change.path, kind: "file", size: change.text.length, text: change.text });
  }
  return { ...repository, files };
}

/** A policy for a workload of namespace shop. */
export function proposedFile(name: string, annotation = "seen"): ProposedFile {
  const labels = { "app.kubernetes.io/managed-by": "netlearn" };
  const metadata = { name: `netlearn-${name}`, namespace: "shop", labels, annotations: { "netlearn/why": annotation } };
  const peer = { podSelector: { matchLabels: { app: "web" } } };
  const spec = {
    podSelector: { matchLabels: { app: name } },
    policyTypes: ["Ingress", "Egress"] as const,
    ingress: [{ from: [peer], ports: [{ protocol: "TCP", port: 8080 }] }],
  };
  const manifest = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec } as const;
  return { name: `netlearn-${name}.yaml`, manifests: [manifest], workload: { kind: "Deployment", name } };
}
