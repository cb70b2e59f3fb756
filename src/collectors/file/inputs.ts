import type { BigIntStats } from "node:fs";
import { glob, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { NetlearnError } from "../../lib/errors.ts";
import { errorCode, reasonOf } from "./file-errors.ts";

/** One thing to read. */
export interface Input {
  /** As the user will recognise it: the argument, or a path below it; `-` for stdin. */
  readonly source: string;
  readonly stdin: boolean;
  /** Bytes as they lie there; undefined for pipes and stdin. */
  readonly size: number | undefined;
  /** False for files of a directory: only those that look like logs of flows or audit events are meant. */
  readonly named: boolean;
}

/** What the arguments stand for, in their order; what directories and globs hold is sorted by path. */
export interface Inputs {
  readonly inputs: readonly Input[];
  readonly unreadable: readonly { readonly source: string; readonly message: string }[];
}

/**
 * Finds what `arguments_` name: files, directories (with all below, dotfiles and repeated links left out), globs, `-`.
 * An argument that exists is never a glob. `notice` hears of files named twice.
 *
 * @throws NetlearnError NETLEARN_INPUT_MISSING naming every argument that is neither there nor a glob
 */
export async function findInputs(names: readonly string[], notice: (text: string) => void): Promise<Inputs> {
  const finder = new Finder(notice);
  const missing: string[] = [];
  for (const name of names) {
    if (!(await finder.argument(name))) {
      missing.push(name);
    }
  }
  if (missing.length > 0) {
    throw new NetlearnError("NETLEARN_INPUT_MISSING", `no such file or directory: ${missing.join(", ")}`, {
      hint: "check the spelling and where the command runs; quote globs, and use - for stdin",
    });
  }
  return { inputs: finder.inputs, unreadable: finder.unreadable };
}

class Finder {
  readonly inputs: Input[] = [];
  readonly unreadable: { source: string; message: string }[] = [];
  readonly #seen = new Map<string, string>();
  readonly #notice: (text: string) => void;

  constructor(notice: (text: string) => void) {
    this.#notice = notice;
  }

  /** False when there is nothing of that name. */
  async argument(name: string): Promise<boolean> {
    if (name === "-") {
      this.#add({ source: "-", stdin: true, size: undefined, named: true }, "stdin");
      return true;
    }
    const found = await this.#stat(name);
    if (found === "missing") {
      return isGlob(name) && (await this.#glob(name));
    }
    if (found !== undefined) {
      await this.#path(name, found, true);
    }
    return true;
  }

  async #glob(pattern: string): Promise<boolean> {
    const names: string[] = [];
    for await (const name of glob(pattern)) {
      names.push(name);
    }
    for (const name of names.toSorted()) {
      const found = await this.#stat(name);
      if (found !== undefined && found !== "missing") {
        await this.#path(name, found, true);
      }
    }
    if (names.length === 0) {
      this.unreadable.push({
        source: pattern,
        message: "no file matches this pattern; check its spelling and where the command runs",
      });
    }
    return true;
  }

  async #path(source: string, found: BigIntStats, named: boolean): Promise<void> {
    if (found.isDirectory()) {
      if (this.#isNew(source, found, false)) {
        await this.#directory(source);
      }
    } else if (named || found.isFile()) {
      const size = found.isFile() ? Number(found.size) : undefined;
      this.#add({ source, stdin: false, size, named }, identity(found));
    }
  }

  async #directory(source: string): Promise<void> {
    let names: string[];
    try {
      names = await readdir(source);
    } catch (error) {
      this.unreadable.push({ source, message: reasonOf(error) });
      return;
    }
    for (const name of names.filter((entry) => !entry.startsWith(".")).toSorted()) {
      const below = path.join(source, name);
      const found = await this.#stat(below);
      if (found === "missing") {
        this.unreadable.push({ source: below, message: "the link leads nowhere" });
      } else if (found !== undefined) {
        await this.#path(below, found, false);
      }
    }
  }

  #add(input: Input, key: string): void {
    const before = this.#seen.get(key);
    if (before !== undefined) {
      this.#notice(`${input.source} is read once only: it is the same file as ${before}`);
      return;
    }
    this.#seen.set(key, input.source);
    this.inputs.push(input);
  }

  #isNew(source: string, found: BigIntStats, tell: boolean): boolean {
    const key = identity(found);
    const isNew = !this.#seen.has(key);
    if (isNew) {
      this.#seen.set(key, source);
    } else if (tell) {
      this.#notice(`${source} is read once only`);
    }
    return isNew;
  }

  /** Undefined when it is there and cannot be looked at; then it is listed as unreadable. */
  async #stat(name: string): Promise<BigIntStats | "missing" | undefined> {
    try {
      return await stat(name, { bigint: true });
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") {
        return "missing";
      }
      this.unreadable.push({ source: name, message: reasonOf(error) });
      return undefined;
    }
  }
}

function identity(found: BigIntStats): string {
  return `${found.dev}:${found.ino}`;
}

function isGlob(name: string): boolean {
  return /[*?[{]/.test(name);
}
