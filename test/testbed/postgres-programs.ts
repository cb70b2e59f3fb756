import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { Absent, Part, Surroundings } from "./part.ts";

/** Whom a server runs as that must not run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where PostgreSQL is. */
export interface PostgresPrograms {
  /** The folder of postgres, initdb, psql and pg_isready. */
  readonly bin: string;
  /** Whom it runs as when this process is root, which PostgreSQL refuses to be. */
  readonly user?: ServerUser;
}

/** What of the machine matters here. */
export interface Machine {
  /** Where Debian and its kin put each version of PostgreSQL. */
  readonly versions: string;
  readonly isRoot: boolean;
}

const THIS_MACHINE: Machine = { versions: "/usr/lib/postgresql", isRoot: process.getuid?.() === 0 };
const PROGRAMS = ["postgres", "initdb", "psql", "pg_isready"];
const PACKAGE = "postgresql";

/**
 * The newest PostgreSQL of this machine: the distribution's, or else what is on the PATH. Where there is none, root
 * installs the distribution's package with apt-get; the cluster that comes with it is not used, and stopped.
 */
export async function postgresPrograms(
  surroundings: Surroundings,
  machine: Machine = THIS_MACHINE,
): Promise<Part<PostgresPrograms>> {
  const { environment } = surroundings;
  const found = await findPrograms(environment, machine);
  if (found !== undefined) return withUser(found, environment, machine);
  const absent = await install(surroundings, machine);
  if (absent !== undefined) return absent;
  const installed = await findPrograms(environment, machine);
  if (installed !== undefined) return withUser(installed, environment, machine);
  return { state: "absent", why: `the package ${PACKAGE} is installed, but brought no server of PostgreSQL` };
}

async function findPrograms(environment: NodeJS.ProcessEnv, { versions }: Machine): Promise<string | undefined> {
  const known = existsSync(versions) ? await readdir(versions) : [];
  const newestFirst = known.toSorted((one, other) => Number(other) - Number(one));
  const folders = [
    ...newestFirst.map((version) => path.join(versions, version, "bin")),
    ...(environment["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== ""),
  ];
  return folders.find((folder) => PROGRAMS.every((name) => existsSync(path.join(folder, name))));
}

async function withUser(bin: string, env: NodeJS.ProcessEnv, { isRoot }: Machine): Promise<Part<PostgresPrograms>> {
  if (!isRoot) return { state: "ready", bin };
  const [uid, gid] = await Promise.all(["-u", "-g"].map((which) => attempt("id", [which, "postgres"], env)));
  if (uid?.succeeded !== true || gid?.succeeded !== true) {
    return { state: "absent", why: "it refuses to run as root, and there is no user `postgres`" };
  }
  return { state: "ready", bin, user: { uid: Number(uid.said), gid: Number(gid.said) } };
}

async function install({ say, environment }: Surroundings, { isRoot }: Machine): Promise<Absent | undefined> {
  const nowhere = "there is no server of PostgreSQL on this machine";
  if (!isRoot) return { state: "absent", why: `${nowhere}: the package ${PACKAGE} brings it` };
  const env = { ...environment, DEBIAN_FRONTEND: "noninteractive" };
  const arguments_ = ["install", "-y", "--no-install-recommends", PACKAGE];
  const started = performance.now();
  say(`postgres: installing the package ${PACKAGE}, which happens once`);
  let outcome = await attempt("apt-get", arguments_, env);
  if (!outcome.succeeded && !outcome.isMissing) {
    await attempt("apt-get", ["update"], env);
    outcome = await attempt("apt-get", arguments_, env);
  }
  if (outcome.isMissing) return { state: "absent", why: `${nowhere}, and no \`apt-get\` to install it with` };
  if (!outcome.succeeded) return { state: "absent", why: `${nowhere}, and apt-get can't install it: ${outcome.said}` };
  await stopClusters(env);
  say(`postgres: installed in ${Math.round((performance.now() - started) / 1000)} s`);
  return undefined;
}

/** The package may have made and started a cluster of its own; nobody asked for it. */
async function stopClusters(env: NodeJS.ProcessEnv): Promise<void> {
  const { said } = await attempt("pg_lsclusters", ["-h"], env);
  const online = said.split("\n").map((line) => line.split(/\s+/u));
  for (const [version, name, , status] of online) {
    if (version === undefined || name === undefined || status !== "online") continue;
    await attempt("pg_ctlcluster", [version, name, "stop"], env);
  }
}

interface Attempt {
  readonly succeeded: boolean;
  /** Whether there is no such program. */
  readonly isMissing: boolean;
  readonly said: string;
}

async function attempt(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Attempt> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { env, maxBuffer: 2 ** 26 });
    return { succeeded: true, isMissing: false, said: stdout.trim() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isMissing = "code" in error && error.code === "ENOENT";
    const said = "stderr" in error ? String(error.stderr).trim() : error.message;
    return { succeeded: false, isMissing, said };
  }
}
