export { accessCompletenessOf, accessFactsThatBreakIt } from "./access.ts";
export { blindSpotsOf } from "./blind-spots.ts";
export {
  type CompletenessOptions,
  completenessOf,
  edgesOfNamespace,
  edgesOfWorkload,
  estimateCompleteness,
} from "./completeness.ts";
export { factsThatBreakIt } from "./facts.ts";
export { observabilityOf } from "./observability.ts";
export type { ObservedWindow } from "./units.ts";
