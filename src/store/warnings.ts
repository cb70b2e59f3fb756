/** A warning of Node's that users can do nothing about. */
export interface UselessWarning {
  readonly type: "DeprecationWarning" | "ExperimentalWarning";
  readonly start: string;
}

/**
 * Keeps one warning from being printed, from now on or until the function returned is called. All others are printed as
 * ever.
 */
export function muteWarning({ type, start }: UselessWarning): () => void {
  const asEver = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = (...all: readonly unknown[]): void => {
    if (all[1] !== type || !String(all[0]).startsWith(start)) asEver?.value(...all);
  };
  return () => {
    if (asEver !== undefined) Object.defineProperty(process, "emitWarning", asEver);
  };
}
