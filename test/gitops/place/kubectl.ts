import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import type { Repository } from "../../../src/model/repository.ts";

/** Whether the real tool can be asked. Where it can't, tests say that they were skipped, and fail under CI. */
export const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

/** Whether tools that can be installed have to be there. */
export const isCi = !["", "0", "false"].includes(process.env["CI"] ?? "");

/**
 * What the real tool makes of a folder, in an order of our own.
 *
 * @param links what symbolic links point at, by path
 */
export function kubectlRenders(
  repository: Repository,
  folder: string,
  links: Readonly<Record<string, string>> = {},
): unknown[] {
  const root = mkdtempSync(path.join(tmpdir(), "netlearn-kustomize-"));
  const place = (file: string) => {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    return path.join(root, file);
  };
  try {
    for (const { path: file, kind, text } of repository.files.values()) {
      if (kind === "file") writeFileSync(place(file), text ?? "");
    }
    for (const [file, target] of Object.entries(links)) symlinkSync(target, place(file));
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    const text = execFileSync("kubectl", ["kustomize", path.join(root, folder)], { encoding: "utf8", stdio });
    return sorted(parseAllDocuments(text).map((document): unknown => document.toJS()));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Rendered objects in an order of our own. */
export function sorted(objects: readonly unknown[]): unknown[] {
  return objects.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** `Deployment/shop/cart` */
export function keyOf(object: unknown): string {
  const { kind, metadata } = JSON.parse(JSON.stringify(object));
  return `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
}
