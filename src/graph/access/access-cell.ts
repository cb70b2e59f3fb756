import type { CallerText, DeniedText, UsesText } from "./access-schema.ts";

/** The body of a cell that is about one cluster, where its source names one; states of before it could have none that do. */
export type OfCluster<Body> = Body & { readonly cluster?: string | undefined };

/** A cell about the use of the API. */
export type AccessCell =
  | { readonly kind: "access"; readonly body: OfCluster<UsesText> }
  | { readonly kind: "access-denial"; readonly body: OfCluster<DeniedText> }
  | { readonly kind: "caller"; readonly body: OfCluster<CallerText> };

/** Whether a cell that was read is about the use of the API. */
export function isAccess<Read extends { readonly kind: string }>(
  read: Read,
): read is Extract<Read, { kind: AccessCell["kind"] }> {
  return read.kind === "access" || read.kind === "access-denial" || read.kind === "caller";
}
