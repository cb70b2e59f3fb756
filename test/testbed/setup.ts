import type { TestProject } from "vitest/node";
import { APISERVER } from "./apiserver.ts";
import { goBinary } from "./go-build.ts";
import type { Part } from "./part.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly apiserver: Part;
  }
}

/**
 * Builds the servers that the integration tests run against, before the first of them. What can't be had on this
 * machine is named, at the end again; under CI it ends the run.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const say = (line: string): void => {
    process.stderr.write(`testbed: ${line}\n`);
  };
  const parts = { apiserver: await goBinary(APISERVER, { say, environment: process.env }) };
  const absences = Object.entries(parts).flatMap(([name, part]) =>
    part.state === "absent" ? [`${name} IS NOT TESTED: ${part.why}`] : [],
  );
  if (absences.length > 0 && isCi()) throw new Error(absences.join("\n"));
  project.provide("apiserver", parts.apiserver);
  absences.forEach(say);
  return () => absences.forEach(say);
}

function isCi(): boolean {
  return !["", "0", "false"].includes(process.env["CI"] ?? "");
}
