import { combinedUnits, type PlanInput, type PlannedUnit } from "../gitops/plan/plan.ts";
import { NetlearnError } from "../lib/errors.ts";
import type { FileChange } from "../model/repository.ts";
import type { UnitChecks } from "./proposals.ts";

/**
 * The changes of some units as one. Where no file is changed by two of them, their own checks have seen all there is.
 *
 * @throws NetlearnError `NETLEARN_PROOF_BROKEN` when they do not come to what each of them does alone
 */
export async function combinedChanges(
  input: PlanInput,
  units: readonly PlannedUnit[],
  checksOf: UnitChecks | undefined,
): Promise<readonly FileChange[]> {
  const together = combinedUnits(input, units);
  const known = new Set(units.flatMap(({ refused }) => refused.map(({ message }) => message)));
  const refused = together.refused.map(({ message }) => message).filter((message) => !known.has(message));
  const paths = units.flatMap(({ changes }) => changes.map(({ path }) => path));
  const isShared = new Set(paths).size < paths.length;
  const checks = isShared ? await checksOf?.([together]) : undefined;
  const { differences } = checks?.[0] ?? together.check;
  const [first] = [...refused, ...differences];
  if (first !== undefined) {
    throw new NetlearnError("NETLEARN_PROOF_BROKEN", `the changes do not fit together: ${first}`, {
      hint: "take one namespace at a time, with --namespace",
    });
  }
  return together.changes;
}
