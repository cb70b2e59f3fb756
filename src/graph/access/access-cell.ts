import type { CallerText, DeniedText, UsesText } from "./access-schema.ts";

/** A cell about the use of the API. */
export type AccessCell =
  | { readonly kind: "access"; readonly body: UsesText }
  | { readonly kind: "access-denial"; readonly body: DeniedText }
  | { readonly kind: "caller"; readonly body: CallerText };

/** Whether a cell that was read is about the use of the API. */
export function isAccess<Read extends { readonly kind: string }>(
  read: Read,
): read is Extract<Read, { kind: AccessCell["kind"] }> {
  return read.kind === "access" || read.kind === "access-denial" || read.kind === "caller";
}
