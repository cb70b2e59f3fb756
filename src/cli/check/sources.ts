import { learnOptions } from "../../config/pipeline-options.ts";
import type { Settings } from "../../config/settings.ts";
import type { ReviewPromises } from "../../evaluator/review/world.ts";
import { directoryOf } from "../../inventory/directory/directory.ts";
import { objectText } from "../../inventory/inferred/gathering.ts";
import { inferTraffic } from "../../inventory/inferred/infer.ts";
import { type Inventory, inventoryOf } from "../../inventory/manifests/inventory.ts";
import { type Manifests, readManifests } from "../../inventory/manifests/read-manifests.ts";
import { NetlearnError } from "../../lib/errors.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { renderWarnings } from "../../report/summary.ts";
import { sortedFindings } from "../../report/wording.ts";
import { requireLearned, runInputs } from "../require-learned.ts";
import { learnedRecords } from "../run-log.ts";
import type { Session } from "../session.ts";

/** Manifests, and what is in them. */
export interface Source extends Manifests {
  readonly inventory: Inventory;
}

/** Reads the manifests of a command. */
export async function readSource(paths: readonly string[], { io, settings }: Session): Promise<Source> {
  const manifests = await readManifests(paths, {
    cwd: io.cwd,
    namespace: settings.targetNamespace,
    stdin: io.stdin,
    signal: io.signal,
  });
  return { ...manifests, inventory: inventoryOf(manifests.objects) };
}

/** What the objects of some manifests tell about traffic beside the policies. */
export function promisesOf(objects: readonly ManifestObject[]): ReviewPromises {
  const directory = directoryOf(objects);
  const { traffic } = inferTraffic(objects, directory);
  const named = new Map(objects.map((object) => [objectText(object), object]));
  return { traffic, services: directory.services, objects: named };
}

/**
 * Refuses manifests in which there is nothing at all.
 *
 * @throws NetlearnError `NETLEARN_INPUT_EMPTY`
 */
export function requireObjects(sources: readonly Source[], paths: readonly string[]): void {
  if (sources.some(({ objects, problems }) => objects.length > 0 || problems.length > 0)) return;
  const files = sources.reduce((sum, source) => sum + source.files, 0);
  const what = files === 0 ? "no .yaml, .yml or .json file" : `no Kubernetes object in ${files} files`;
  throw new NetlearnError("NETLEARN_INPUT_EMPTY", `${what} was found in ${paths.join(", ")}`, {
    hint: "Give files or directories with manifests, as they are applied: rendered, if they are templates.",
  });
}

/**
 * Learns from the flows, graphs and state a command was given.
 *
 * @returns undefined when it was given none
 * @throws NetlearnError as `learn` does, and `NETLEARN_INPUT_EMPTY` when there is no connection in them
 */
export async function learnFlows(session: Session): Promise<CommunicationGraph | undefined> {
  const { settings, io, log } = session;
  if (settings.flows.length === 0 && settings.snapshot.length === 0 && settings.state === undefined) return undefined;
  const pipeline = await io.loadPipeline();
  const learned = await session.withProgress((own) => pipeline.learn(settings.flows, learnOptions(settings), own));
  requireLearned(learned, learned.graph.edges, { ...runInputs(settings.flows, settings), wanted: "flows" }, log);
  const findings = sortedFindings(learned.findings);
  log.block(learnedRecords(learned, findings), () => renderWarnings(learned, findings, log.options.style));
  return learned.graph;
}

/**
 * Refuses to read standard input twice.
 *
 * @throws NetlearnError `NETLEARN_USAGE`
 */
export function requireOneStandardInput(paths: readonly string[], settings: Settings): void {
  const readers = [...paths, ...settings.flows].filter((path) => path === "-");
  if (readers.length <= 1) return;
  throw new NetlearnError("NETLEARN_USAGE", "standard input can be read only once", {
    hint: "Give - for one of manifests, flows and queries, and files for the others.",
  });
}
