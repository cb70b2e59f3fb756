import { Authorizer } from "../evaluator/access/authorizer.ts";
import { type NetworkBefore, NO_EFFECT, networkEffects } from "../evaluator/effect/network-effect.ts";
import { accessEffect } from "../gitops/plan/access-effect.ts";
import { objectId } from "../gitops/plan/own-objects.ts";
import type { Plan, PlannedUnit } from "../gitops/plan/plan.ts";
import { identified } from "../lib/identified.ts";
import { isLabelledOurs } from "../model/labels.ts";
import type { NetworkPolicy } from "../model/manifest.ts";
import type { ProposedManifest } from "../model/placement.ts";
import { connectionWords, type Effect } from "../model/proposal.ts";
import type { RbacSubject } from "../model/rbac.ts";
import { accountUsername } from "../model/service-account.ts";
import { replayFacts, withUnseen } from "../network.ts";
import type { Suggestion } from "../pipeline.ts";
import type { ProposalContext } from "./context.ts";
import { decisionsOn } from "./decided.ts";

/** What is in force, and everybody who may notice a change of it. */
export interface World extends Omit<NetworkBefore, "policies"> {
  /** What it means that other policies are in force. */
  readonly effect: ReturnType<typeof networkEffects>;
  /** Of people. */
  readonly others: readonly NetworkPolicy[];
  /** Of ours, as they stand in the repository. */
  readonly standing: readonly ProposedManifest[];
}

/** The world before any unit is merged. */
export function worldOf({ standing }: Plan, { suggestion, cluster, observed }: ProposalContext): World {
  const { known } = suggestion;
  return worldWith(standing, {
    graph: withUnseen({ graph: observed, known }),
    facts: replayFacts(cluster?.directory, known),
    others: (cluster?.policies ?? []).filter((policy) => !isLabelledOurs(policy)),
  });
}

function worldWith(
  standing: readonly ProposedManifest[],
  { graph, facts, others }: Pick<World, "graph" | "facts" | "others">,
): World {
  const effect = networkEffects({ graph, facts, policies: [...others, ...policiesIn(standing)] });
  return { graph, facts, others, standing, effect };
}

/** The world once some units are merged, one after the other. */
export function worldAfter(world: World, units: readonly PlannedUnit[]): World {
  return worldWith(
    units.reduce((standing, unit) => merged(standing, unit).head, world.standing),
    world,
  );
}

/** What of ours stands once a unit is merged, what it writes, and what it takes the place of. */
function merged(
  standing: readonly ProposedManifest[],
  { files, removed }: Pick<PlannedUnit, "files" | "removed">,
): Readonly<Record<"head" | "written" | "replaced", readonly ProposedManifest[]>> {
  const written = files.flatMap(({ manifests }) => manifests);
  const gone = new Set([...written, ...removed].map(objectId));
  const isGone = (manifest: ProposedManifest) => gone.has(objectId(manifest));
  const kept = standing.filter((manifest) => !isGone(manifest));
  return { head: [...kept, ...written], written, replaced: standing.filter(isGone) };
}

/** What a unit means once it is merged, with who decided what it cuts. */
export function effectOf(unit: PlannedUnit, world: World, context: ProposalContext): Effect {
  const { head, written, replaced } = merged(world.standing, unit);
  const isNetwork = [...written, ...unit.removed].some(({ kind }) => kind === "NetworkPolicy");
  const network = isNetwork ? world.effect([...world.others, ...policiesIn(head)]) : NO_EFFECT;
  const access = accessEffect(replaced, written, isGrantedIn(context.suggestion));
  return {
    ...network,
    allowed: [...network.allowed, ...access.allowed],
    forbidden: [...network.forbidden, ...access.forbidden],
    cut: network.cut.map((cut) => ({ ...cut, decided: decidedBy(cut.id, context) })),
  };
}

function policiesIn(manifests: readonly ProposedManifest[]): readonly NetworkPolicy[] {
  return manifests.filter((manifest): manifest is NetworkPolicy => manifest.kind === "NetworkPolicy");
}

/** Who decided that a connection is cut, or let go. */
function decidedBy(id: string, context: ProposalContext): string | undefined {
  if (context.decisions.length === 0) return undefined;
  const edges = context.observed.edges.filter((edge) => identified(connectionWords(edge)).id === id);
  const [found] = decisionsOn(edges, context);
  return found === undefined ? undefined : `${found.who}: ${found.why}`;
}

function isGrantedIn({ accessSuggestion }: Suggestion): Parameters<typeof accessEffect>[2] {
  const rbac = accessSuggestion?.known.rbac;
  if (rbac === undefined) return () => false;
  const others = [...rbac.roles, ...rbac.bindings].filter((object) => !isLabelledOurs(object));
  const authorizer = new Authorizer(others);
  return (subject, attributes) => authorizer.decide(asker(subject), attributes).isAllowed;
}

function asker({ kind, namespace = "", name }: RbacSubject): {
  readonly username: string;
  readonly groups: readonly string[];
} {
  if (kind === "Group") return { username: "", groups: [name] };
  return { username: kind === "User" ? name : accountUsername({ namespace, name }), groups: [] };
}
