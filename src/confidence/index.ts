export { accessCompletenessOf, accessFactsThatBreakIt } from "./access.ts";
export {
  type CompletenessOptions,
  completenessOf,
  edgesOfNamespace,
  edgesOfWorkload,
  estimateCompleteness,
} from "./completeness.ts";
export { factsThatBreakIt } from "./facts.ts";
export type { ObservedWindow } from "./units.ts";
