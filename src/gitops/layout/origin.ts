import { byText } from "../../lib/sort.ts";

/** What is known of the repository itself, and of the branch that is proposed to. */
export interface Origin {
  /** Where it can be cloned from, in any spelling that git takes; empty: not known. */
  readonly addresses: readonly string[];
  /** Undefined: not known. */
  readonly branch: string | undefined;
  /** What `HEAD` is; undefined: not known. */
  readonly defaultBranch: string | undefined;
}

/** Nothing is known of it: a directory that is no clone. */
export const UNKNOWN_ORIGIN: Origin = { addresses: [], branch: undefined, defaultBranch: undefined };

/** Where an Application, a Kustomization or a HelmRelease reads from. */
export interface GitSource {
  /** As it is written there; undefined where the repository does not say. */
  readonly address: string | undefined;
  /** Branch, tag, commit or range; undefined: the default branch. */
  readonly revision: string | undefined;
  /** Whether it is a tag, a commit or a range, as the field says that it stands in, or as it looks. */
  readonly fixed: "yes" | "looks" | "no";
  /** Whether what it reads is in this repository as well. */
  readonly isHere: boolean;
}

/** Whether a source is this repository at the branch that is proposed to. `why` is for people, and goes on a sentence. */
export type Belonging =
  | { readonly kind: "own" }
  /** As far as is known. */
  | { readonly kind: "assumed"; readonly why: string }
  /** It may be. */
  | { readonly kind: "unsure"; readonly why: string }
  /** It is, at another branch, or where nothing comes by itself: a tag, a commit. */
  | { readonly kind: "other-revision"; readonly why: string }
  | { readonly kind: "other-repository"; readonly why: string };

const SCP = /^(?:[^@/]+@)?([^:/@]+):(?!\/\/)\/?(.+)$/u;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443", "ssh:": "22" };

/**
 * An address by which equal repositories are told, without credentials: `github.com/acme/fleet` of
 * `git@github.com:Acme/Fleet.git`. Case does not count, as to Argo CD (util/git/git.go, NormalizeGitURL). Undefined for what
 * stands for something that is not written there, and for no address.
 */
export function addressKey(written: string): string | undefined {
  const text = written.trim().toLowerCase();
  if (text === "" || /[\s\p{Cc}]|\{\{|\$\{/u.test(text)) return undefined;
  const scp = text.includes("://") ? null : SCP.exec(text);
  const [host, path] = scp === null ? hostAndPath(text) : [scp[1] ?? "", scp[2] ?? ""];
  return `${host}/${path
    .replace(/^\/+/u, "")
    .replace(/\/+$/u, "")
    .replace(/\.git$/u, "")}`;
}

function hostAndPath(text: string): readonly [string, string] {
  if (!URL.canParse(text)) return ["", text];
  const { protocol, hostname, port, pathname } = new URL(text);
  return [port === "" || port === DEFAULT_PORTS[protocol] ? hostname : `${hostname}:${port}`, pathname];
}

/** Tells of each source whether it is this repository, from what is known and from what all of them say. */
export function belongings(origin: Origin, all: readonly GitSource[]): (source: GitSource) => Belonging {
  const ofAddress = addressJudge(origin, all);
  const own = all.filter((one) => ["own", "assumed"].includes(ofAddress(one).kind));
  const ofRevision = revisionJudge(origin, own);
  return (source) => {
    const address = ofAddress(source);
    return address.kind === "own" || address.kind === "assumed" ? worse(ofRevision(source), address) : address;
  };
}

const WORST = ["other-repository", "other-revision", "unsure", "assumed", "own"] as const;

/** The one of two that counts for what needs both; the first of equal ones. */
export function worse(one: Belonging, other: Belonging): Belonging {
  return WORST.indexOf(other.kind) < WORST.indexOf(one.kind) ? other : one;
}

type Judge = (source: GitSource) => Belonging;

function addressJudge(origin: Origin, all: readonly GitSource[]): Judge {
  const known = new Set(origin.addresses.flatMap((address) => addressKey(address) ?? []));
  if (known.size > 0) {
    return judged((key) => (known.has(key) ? { kind: "own" } : { kind: "other-repository", why: key }));
  }
  const here = namedBy(all.filter(({ isHere }) => isHere));
  const elsewhere = new Set(namedBy(all.filter(({ isHere }) => !isHere)));
  const named = new Set([...here, ...elsewhere]);
  const [only] = here;
  if (only === undefined || (here.length === 1 && (named.size === 1 || !elsewhere.has(only)))) {
    const why = `this repository's own address is not known, and ${only ?? ""} is taken for it, the only one whose folders are here`;
    return judged((key) => (key === only ? { kind: "assumed", why } : { kind: "other-repository", why: key }));
  }
  const list = [...named].toSorted(byText).join(", ");
  const why = `this repository's own address is not known, and may be any of ${list}`;
  return judged((key) => (here.includes(key) ? { kind: "unsure", why } : { kind: "other-repository", why: key }));
}

function judged(judge: (key: string) => Belonging): Judge {
  return ({ address }) => {
    const key = address === undefined ? undefined : addressKey(address);
    if (key !== undefined) return judge(key);
    return { kind: "assumed", why: "where it reads from is not said here, and this repository is taken for it" };
  };
}

function namedBy(sources: readonly GitSource[]): readonly string[] {
  return [...new Set(sources.flatMap(({ address }) => (address === undefined ? [] : (addressKey(address) ?? []))))];
}

function revisionJudge(origin: Origin, own: readonly GitSource[]): Judge {
  const fixed = ({ revision = "" }: GitSource): Belonging => ({
    kind: "other-revision",
    why: `it reads ${JSON.stringify(revision)}, and gets what is written only when somebody moves that on`,
  });
  const { branch, defaultBranch = branch } = origin;
  if (branch !== undefined) {
    return (source) => {
      const reads = branchOf(source) ?? defaultBranch;
      if (reads === branch && source.fixed !== "yes") return { kind: "own" };
      const why = `it reads the branch ${JSON.stringify(reads)}, and ${JSON.stringify(branch)} is proposed to`;
      return source.fixed === "no" ? { kind: "other-revision", why } : fixed(source);
    };
  }
  const branches = new Set(own.filter((source) => source.fixed === "no").map((source) => branchOf(source) ?? "HEAD"));
  const list = [...branches].toSorted(byText).join(", ");
  const why = `which branch is proposed to is not known, and ${list} are read`;
  return (source) => {
    if (source.fixed !== "no") return fixed(source);
    return branches.size > 1 ? { kind: "unsure", why } : { kind: "own" };
  };
}

/** Undefined: the default branch. */
function branchOf({ revision }: GitSource): string | undefined {
  return revision === undefined || revision === "HEAD" ? undefined : revision.replace(/^refs\/heads\//u, "");
}
