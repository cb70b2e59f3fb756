/** A file of a repository at one commit, or of a directory. */
export interface RepositoryFile {
  /** From the root, with forward slashes: `apps/shop/cart.yaml`. */
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule";
  /** Bytes. */
  readonly size: number;
  /**
   * As it stands there, byte for byte (a byte order mark and CRLF included); undefined for what is not read: links, submodules,
   * what is no UTF-8, what is larger than a manifest can be, and what no tool of this field reads.
   */
  readonly text: string | undefined;
}

/** What a repository holds: the base of every proposal. */
export interface Repository {
  /** Undefined for a directory that is no clone. */
  readonly commit: string | undefined;
  /** By path, sorted by path. Directories are not among them. */
  readonly files: ReadonlyMap<string, RepositoryFile>;
}

/** What a proposal does to one file. Equal proposals have equal changes, sorted by path. */
export type FileChange =
  | {
      readonly kind: "write";
      readonly path: string;
      readonly text: string;
      /** Undefined: there was no such file. */
      readonly before: string | undefined;
      /** Whose file it is: netlearn writes its own anew, and splices lines into those of people. */
      readonly owner: "netlearn" | "person";
    }
  | { readonly kind: "delete"; readonly path: string; readonly before: string; readonly owner: "netlearn" };
