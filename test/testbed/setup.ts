import type { TestProject } from "vitest/node";
import { APISERVER } from "./apiserver.ts";
import { type GitHubDescription, githubDescription } from "./github/description.ts";
import { goBinary } from "./go-build.ts";
import { goTool, HELM, KUSTOMIZE } from "./go-tools.ts";
import { type KafkaPrograms, kafkaPrograms } from "./kafka-jars.ts";
import type { Part } from "./part.ts";
import { type PostgresPrograms, postgresPrograms } from "./postgres-programs.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly apiserver: Part;
    readonly github: Part<GitHubDescription>;
    readonly helm: Part;
    readonly kafka: Part<KafkaPrograms>;
    readonly kustomize: Part;
    readonly postgres: Part<PostgresPrograms>;
  }
}

/**
 * Fetches and builds the servers and tools that the integration tests run against, before the first of them. What can't be had on
 * this machine is named, at the end again; under CI it ends the run.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const say = (line: string): void => {
    process.stderr.write(`testbed: ${line}\n`);
  };
  const surroundings = { say, environment: process.env };
  const parts = {
    postgres: await postgresPrograms(surroundings),
    kafka: await kafkaPrograms(surroundings),
    helm: await goTool(HELM, surroundings),
    kustomize: await goTool(KUSTOMIZE, surroundings),
    apiserver: await goBinary(APISERVER, surroundings),
    github: await githubDescription(surroundings),
  };
  const absences = Object.entries(parts).flatMap(([name, part]) =>
    part.state === "absent" ? [`${name} IS NOT TESTED: ${part.why}`] : [],
  );
  if (absences.length > 0 && isCi()) throw new Error(absences.join("\n"));
  project.provide("apiserver", parts.apiserver);
  project.provide("github", parts.github);
  project.provide("helm", parts.helm);
  project.provide("kafka", parts.kafka);
  project.provide("kustomize", parts.kustomize);
  project.provide("postgres", parts.postgres);
  absences.forEach(say);
  return () => absences.forEach(say);
}

function isCi(): boolean {
  return !["", "0", "false"].includes(process.env["CI"] ?? "");
}
