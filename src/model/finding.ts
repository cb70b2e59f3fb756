/** `error`: following it blindly breaks or opens something; `warning`: look before merging; `info`: good to know. */
export type Severity = "error" | "warning" | "info";

/**
 * Something a person should know, as data. `code` is stable and documented; `message` says what and where;
 * `choice` says what the operator can do about it. Both are one line and may hold text from the cluster: escape
 * them for the sink.
 */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  /** The workload, namespace or input it is about; undefined for the whole run. */
  readonly about: string | undefined;
  readonly message: string;
  readonly choice: string | undefined;
}
