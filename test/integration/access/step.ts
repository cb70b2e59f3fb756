/** Whom a request impersonates. */
export interface ActsAs {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  /** By key. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** What a request carries besides its line. */
export interface Carried {
  readonly body?: object;
  readonly as?: ActsAs;
  /** Chosen by the client, as anybody may. */
  readonly auditId?: string;
  readonly agent?: string;
}

/**
 * Who asks (a key of the player's cast), for what, the HTTP code that the server answers with, what is particular about
 * it, and what it carries. The request is a method and a path with query, or
 *
 * - `WATCH path`: GET of a second, with `watch` in the query
 * - `APPLY path`: server-side apply
 * - `SOCKET path`: GET that asks for a WebSocket
 */
export type Step = readonly [who: string, request: string, code: number, what: string, carried?: Carried | undefined];
