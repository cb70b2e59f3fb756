import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { type ReadAccess, readKnownAccess } from "../../../src/inventory/known-access.ts";
import type { KubernetesApi } from "../../../src/model/kubernetes-api.ts";

/** What is read of some files, each a text of YAML or JSON; named `0.yaml` and so on. */
export async function readTexts(...texts: readonly string[]): Promise<ReadAccess> {
  return await read(texts, undefined);
}

/** What is read of a live cluster, and of files beside it. */
export async function readCluster(
  api: KubernetesApi,
  texts: readonly string[] = [],
  namespaces: readonly string[] = [],
) {
  return await read(texts, api, namespaces);
}

async function read(texts: readonly string[], api: KubernetesApi | undefined, namespaces: readonly string[] = []) {
  const cwd = mkdtempSync(path.join(tmpdir(), "netlearn-rbac-"));
  for (const [index, text] of texts.entries()) writeFileSync(path.join(cwd, `${index}.yaml`), text);
  const connect = api === undefined ? undefined : async () => ({ ...api, close: () => undefined });
  try {
    return await readKnownAccess(
      { rbac: texts.length === 0 ? [] : [cwd], connect, namespaces },
      { cwd, stdin: Readable.from([]), signal: new AbortController().signal },
    );
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** The labels of roles or bindings: `Role shop/r`. */
export function names(
  objects: readonly {
    readonly kind: string;
    readonly metadata: { readonly namespace?: string; readonly name: string };
  }[] = [],
): readonly string[] {
  return objects.map(
    ({ kind, metadata: { namespace, name } }) => `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`,
  );
}
