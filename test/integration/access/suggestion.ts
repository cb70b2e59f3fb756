import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import type { RbacManifest } from "../../../src/model/rbac.ts";
import { netlearn } from "../../end-to-end/command.ts";
import { type ApiClient, objectPath } from "../../testbed/api-client.ts";
import { AUDIT_POLICY } from "./cluster.ts";
import type { Made } from "./objects.ts";

/** What the program is given. */
export interface Given {
  readonly log: string;
  /** The objects in force; undefined: nobody gives them. */
  readonly rbac: readonly RbacManifest[] | undefined;
}

/** What it says. */
export interface Suggested {
  /** Roles and bindings, as they are printed. */
  readonly yaml: string;
  /** The bindings that they replace, for `kubectl delete`. */
  readonly removedYaml: string;
  /** Those that keep some of their subjects, for `kubectl apply`; empty when there are none. */
  readonly keptYaml: string;
  readonly summary: string;
}

/** Runs `netlearn suggest` with these and the audit policy, as a person would who waits for nothing. */
export async function suggest({ log, rbac }: Given): Promise<Suggested> {
  const folder = await mkdtemp(path.join(tmpdir(), "netlearn-access-"));
  try {
    const here = (name: string): string => path.join(folder, name);
    await writeFile(here("audit.log"), log);
    const list = { apiVersion: "v1", kind: "List", items: rbac ?? [] };
    await writeFile(here("rbac.json"), JSON.stringify(list));
    await writeFile(here("policy.json"), JSON.stringify(AUDIT_POLICY));
    const inForce = rbac === undefined ? [] : ["--rbac", "rbac.json"];
    const inputs = ["--audit", "audit.log", ...inForce, "--rbac", "policy.json"];
    const outputs = ["--remove-replaced", "replaced.yaml", "--min-days", "0", "--verbose"];
    const run = await netlearn(["suggest", ...inputs, ...outputs], { cwd: folder });
    if (run.code !== 0) throw new Error(`netlearn ends with ${run.code}: ${run.stderr}`);
    const keptYaml = await readFile(here("replaced-kept-subjects.yaml"), "utf8").catch(() => "");
    return {
      yaml: run.stdout,
      removedYaml: await readFile(here("replaced.yaml"), "utf8"),
      keptYaml,
      summary: run.stderr,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The objects of a text of several documents. */
export function objectsOf(yaml: string): readonly Made[] {
  return parseAllDocuments(yaml).flatMap((document): Made[] => document.toJS() ?? []);
}

/** Roles and bindings of such a text. */
export function rbacIn(yaml: string): readonly RbacManifest[] {
  return parseAllDocuments(yaml).flatMap((document): RbacManifest[] => document.toJS() ?? []);
}

/**
 * Puts it in force as its administrator: first what is new, then what is replaced goes, or stays for fewer. Returns the
 * objects that the server does not take, with its reason.
 */
export async function putInForce(
  admin: ApiClient,
  { yaml, removedYaml, keptYaml }: Suggested,
): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const object of objectsOf(yaml)) {
    const { status, body } = await admin.create(object);
    if (status !== 201) refused.push(`${object.kind} ${object.metadata.name}: ${JSON.stringify(body)}`);
  }
  for (const object of objectsOf(keptYaml)) {
    const content = { type: "application/json", body: JSON.stringify(object) };
    const { status, body } = await admin.send({ method: "PUT", path: objectPath(object), content });
    if (status !== 200) refused.push(`${object.kind} ${object.metadata.name}: ${JSON.stringify(body)}`);
  }
  for (const object of objectsOf(removedYaml)) {
    const { status, body } = await admin.remove(object);
    if (status !== 200) refused.push(`${object.kind} ${object.metadata.name}: ${JSON.stringify(body)}`);
  }
  return refused;
}
