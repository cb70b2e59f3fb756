import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { deflateSync, inflateSync } from "node:zlib";

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface Commit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person & { readonly at: number };
  readonly committer: Person & { readonly at: number };
  readonly message: string;
}

export interface Entry {
  readonly mode: string;
  readonly id: string;
}

/** What a commit changes: paths with their new content, null to remove one. */
export type Changes = Readonly<Record<string, string | Buffer | null>>;

const ENVIRONMENT = { ...process.env, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };

/**
 * A bare git repository whose objects and references are all loose (it never packs), so that they can be read and
 * written without a process of git: only moving a reference and merging take one.
 */
export class BareRepository {
  readonly folder: string;
  readonly #merges = new Map<string, string | undefined>();
  readonly #commits = new Map<string, Commit>();

  constructor(folder: string) {
    this.folder = folder;
    execFileSync("git", ["init", "-q", "--bare", "--initial-branch=main", folder], { env: ENVIRONMENT });
    const settings =
      "[http]\n\treceivepack = true\n[receive]\n\tunpackLimit = 1000000\n[gc]\n\tauto = 0\n[uploadpack]\n\tallowFilter = true\n";
    writeFileSync(path.join(folder, "config"), settings, { flag: "a" });
  }

  has(id: string): boolean {
    return /^[0-9a-f]{40}$/u.test(id) && existsSync(this.#place(id));
  }

  write(kind: "blob" | "tree" | "commit", content: Buffer): string {
    const whole = Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]);
    const id = createHash("sha1").update(whole).digest("hex");
    const place = this.#place(id);
    if (existsSync(place)) return id;
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, deflateSync(whole, { level: 1 }));
    return id;
  }

  read(id: string): Buffer {
    const whole = inflateSync(readFileSync(this.#place(id)));
    return whole.subarray(whole.indexOf(0) + 1);
  }

  kind(id: string): string {
    return (
      inflateSync(readFileSync(this.#place(id)))
        .toString("latin1", 0, 6)
        .split(" ")[0] ?? ""
    );
  }

  #place(id: string): string {
    return path.join(this.folder, "objects", id.slice(0, 2), id.slice(2));
  }

  /** Every file under a tree: path to mode and blob. */
  files(tree: string, prefix = ""): Map<string, Entry> {
    const found = new Map<string, Entry>();
    for (const [name, entry] of this.entries(tree)) {
      if (entry.mode !== "40000") found.set(prefix + name, entry);
      else for (const pair of this.files(entry.id, `${prefix}${name}/`)) found.set(...pair);
    }
    return found;
  }

  entries(tree: string): readonly (readonly [string, Entry])[] {
    const content = this.read(tree);
    const found: (readonly [string, Entry])[] = [];
    for (let at = 0; at < content.length; ) {
      const end = content.indexOf(0, at);
      const [mode = "", ...name] = content.toString("utf8", at, end).split(" ");
      found.push([name.join(" "), { mode, id: content.toString("hex", end + 1, end + 21) }]);
      at = end + 21;
    }
    return found;
  }

  writeFiles(files: ReadonlyMap<string, Entry>): string {
    const here = new Map<string, Entry>();
    const below = new Map<string, Map<string, Entry>>();
    for (const [name, entry] of files) {
      const slash = name.indexOf("/");
      if (slash < 0) here.set(name, entry);
      else {
        const folder = name.slice(0, slash);
        const inside = below.get(folder) ?? new Map<string, Entry>();
        below.set(folder, inside.set(name.slice(slash + 1), entry));
      }
    }
    for (const [name, inside] of below) here.set(name, { mode: "40000", id: this.writeFiles(inside) });
    // Git orders a folder as if its name ended with a slash.
    const key = ([name, { mode }]: readonly [string, Entry]): Buffer =>
      Buffer.from(mode === "40000" ? `${name}/` : name);
    const sorted = [...here].toSorted((one, other) => Buffer.compare(key(one), key(other)));
    const lines = sorted.flatMap(([name, { mode, id }]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]);
    return this.write("tree", Buffer.concat(lines));
  }

  changed(tree: string | undefined, changes: Changes): string {
    const files = tree === undefined ? new Map<string, Entry>() : this.files(tree);
    for (const [name, content] of Object.entries(changes)) {
      if (content === null) files.delete(name);
      else files.set(name, { mode: files.get(name)?.mode ?? "100644", id: this.write("blob", Buffer.from(content)) });
    }
    return this.writeFiles(files);
  }

  commit({ tree, parents, author, committer, message }: Omit<Commit, "id">): string {
    const line = ({ name, email, at }: Commit["author"]): string => `${name} <${email}> ${Math.floor(at / 1000)} +0000`;
    const head = [
      `tree ${tree}`,
      ...parents.map((id) => `parent ${id}`),
      `author ${line(author)}`,
      `committer ${line(committer)}`,
    ];
    return this.write("commit", Buffer.from(`${head.join("\n")}\n\n${message}`));
  }

  readCommit(id: string): Commit {
    const known = this.#commits.get(id) ?? this.#parsedCommit(id);
    this.#commits.set(id, known);
    return known;
  }

  #parsedCommit(id: string): Commit {
    const content = this.read(id).toString("utf8");
    const end = content.indexOf("\n\n");
    const lines = content.slice(0, end).split("\n");
    const values = (key: string): string[] =>
      lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
    const person = (key: string): Commit["author"] => {
      const [, name = "", email = "", at = "0"] = /^(.*) ?<(.*)> (\d+)/u.exec(values(key)[0] ?? "") ?? [];
      return { name: name.trim(), email, at: Number(at) * 1000 };
    };
    const [tree = ""] = values("tree");
    const message = content.slice(end + 2);
    return { id, tree, parents: values("parent"), author: person("author"), committer: person("committer"), message };
  }

  /** Branches and other references under `refs/`, in order of their names: `heads/main` to an id. */
  refs(under = "heads"): ReadonlyMap<string, string> {
    const folder = path.join(this.folder, "refs", under);
    const names = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
    const places = names.filter((name) => name.isFile() && !name.name.endsWith(".lock"));
    const pairs = places.map(({ parentPath, name }): [string, string] => {
      const place = path.join(parentPath, name);
      return [path.relative(path.join(this.folder, "refs"), place), readFileSync(place, "utf8").trim()];
    });
    return new Map(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }

  branch(name: string): string | undefined {
    return this.refs().get(`heads/${name}`);
  }

  /** Compare-and-swap: `expected` undefined does not look, all zeros: must not exist. False: git refused. */
  setRef(ref: string, id: string | undefined, expected?: string): boolean {
    const old = expected === undefined ? [] : [expected];
    const rest = id === undefined ? ["-d", `refs/${ref}`, ...old] : [`refs/${ref}`, id, ...old];
    return spawnSync("git", ["-C", this.folder, "update-ref", ...rest], { env: ENVIRONMENT }).status === 0;
  }

  /** Commits reachable from one and not from the other, oldest first. */
  between(base: string, head: string): readonly Commit[] {
    const known = this.#ancestors(base);
    const found: Commit[] = [];
    const seen = new Set(known);
    const visit = (id: string): void => {
      if (seen.has(id)) return;
      seen.add(id);
      const commit = this.readCommit(id);
      commit.parents.forEach(visit);
      found.push(commit);
    };
    visit(head);
    return found;
  }

  isAncestor(one: string, other: string): boolean {
    return this.#ancestors(other).has(one);
  }

  mergeBase(one: string, other: string): string | undefined {
    const known = this.#ancestors(one);
    // Nearest first; of criss-cross merges any of the best will do.
    for (const id of this.#ancestors(other)) if (known.has(id)) return id;
    return undefined;
  }

  #ancestors(head: string): ReadonlySet<string> {
    const seen = new Set([head]);
    for (const id of seen) this.readCommit(id).parents.forEach((parent) => seen.add(parent));
    return seen;
  }

  /** The tree of a merge as git makes it; undefined when it conflicts. */
  merged(base: string, head: string): string | undefined {
    const key = `${base} ${head}`;
    if (this.#merges.has(key)) return this.#merges.get(key);
    const run = spawnSync("git", ["-C", this.folder, "merge-tree", "--write-tree", base, head], {
      env: ENVIRONMENT,
      encoding: "utf8",
    });
    if (run.status !== 0 && run.status !== 1) throw new Error(`git merge-tree: ${run.stderr}`);
    const tree = run.status === 0 ? run.stdout.trim() : undefined;
    this.#merges.set(key, tree);
    return tree;
  }

  /** What differs between two trees: path to what became of it. */
  difference(one: string, other: string): ReadonlyMap<string, "added" | "modified" | "removed"> {
    const [before, after] = [this.files(one), this.files(other)];
    const found = new Map<string, "added" | "modified" | "removed">();
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const [old, fresh] = [before.get(name), after.get(name)];
      if (old === undefined) found.set(name, "added");
      else if (fresh === undefined) found.set(name, "removed");
      else if (old.id !== fresh.id || old.mode !== fresh.mode) found.set(name, "modified");
    }
    return found;
  }
}
