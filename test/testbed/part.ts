/** A program that a part of the testbed consists of: built, or not to be had on this machine. */
export type Part =
  | { readonly state: "ready"; readonly binary: string }
  | { readonly state: "absent"; readonly why: string };

/** Says something on standard error, at once. */
export type Say = (line: string) => void;
