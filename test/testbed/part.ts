/** What can't be had on this machine, and why. */
export interface Absent {
  readonly state: "absent";
  readonly why: string;
}

/** A part of the testbed: ready, with where it is, or not to be had on this machine. */
export type Part<Found extends object = { readonly binary: string }> = ({ readonly state: "ready" } & Found) | Absent;

/** Says something on standard error, at once. */
export type Say = (line: string) => void;

/** What preparing a part needs of the process around it. */
export interface Surroundings {
  readonly say: Say;
  readonly environment: NodeJS.ProcessEnv;
}
