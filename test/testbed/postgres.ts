import { randomUUID } from "node:crypto";
import { chmod, chown, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { outcomeOf } from "./command.ts";
import { freePorts } from "./free-ports.ts";
import type { Part } from "./part.ts";
import { type Databases, databasesOf } from "./postgres-databases.ts";
import type { PostgresPrograms } from "./postgres-programs.ts";
import { endOf, type ServerProcess, startProcess } from "./server-process.ts";

/** A server of one's own: it listens on 127.0.0.1, takes TLS (certificate `server` of test/support/tls) and none. */
export interface PostgresServer extends Databases {
  readonly log: string;
  /** What tells programs that read variables where it is. */
  readonly environment: { readonly DATABASE_URL: string };
  readonly pid: () => number;
  /** Ends all its processes at once and without a word to the disk, as a crash does (SIGQUIT); keeps what they wrote. */
  readonly kill: () => Promise<void>;
  /** Ends it and removes what it wrote. */
  readonly stop: () => Promise<void>;
  /** Starts it again, after an orderly end when it still runs: the same data, the same port. */
  readonly restart: () => Promise<void>;
}

const CERTIFICATES = path.join(import.meta.dirname, "../support/tls");
const USER = "netlearn";
const START_LIMIT_MS = 60_000;

/** Small and quick to start, and as careful with the disk as in life: tests kill it. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  shared_buffers: "16MB",
  max_connections: "50",
  fsync: "on",
  ssl: "on",
  ssl_cert_file: "server.crt",
  ssl_key_file: "server.key",
};

/**
 * Starts a server on a free port and waits until it takes connections. It ends with this process, however that ends.
 *
 * @throws Error with the end of the server's log when it does not start
 */
export async function startPostgres(part: Part<PostgresPrograms>): Promise<PostgresServer> {
  if (part.state === "absent") throw new Error(`there is no PostgreSQL: ${part.why}`);
  const folder = await mkdtemp(path.join(tmpdir(), "netlearn-postgres-"));
  const [port = 0] = await freePorts(1);
  const place = { ...part, folder, data: path.join(folder, "data"), log: path.join(folder, "log"), port };
  const password = randomUUID();
  try {
    await initialise(place, password);
    return serverOf(place, await started(place), `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Place extends PostgresPrograms {
  readonly folder: string;
  readonly data: string;
  readonly log: string;
  readonly port: number;
}

async function initialise({ bin, user, folder, data, log }: Place, password: string): Promise<void> {
  const secret = path.join(folder, "password");
  await writeFile(secret, password, { mode: 0o600 });
  await writeFile(log, "");
  await own([folder, secret, log], user);
  const access = ["--auth=scram-sha-256", `--username=${USER}`, `--pwfile=${secret}`];
  const { status, stdout, stderr } = await outcomeOf({
    run: [path.join(bin, "initdb"), "--pgdata", data, "--no-sync", "--encoding=UTF8", "--locale=C", ...access],
    cwd: folder,
    environment: process.env,
    user,
  });
  if (status !== 0) throw new Error(`initdb makes no database cluster in ${folder}:\n${stdout}${stderr}`);
  for (const name of ["server.crt", "server.key"]) {
    const copy = path.join(data, name);
    await copyFile(path.join(CERTIFICATES, name), copy);
    // PostgreSQL refuses a key that others may read.
    await chmod(copy, 0o600);
    await own([copy], user);
  }
}

async function own(files: readonly string[], user: PostgresPrograms["user"]): Promise<void> {
  if (user !== undefined) await Promise.all(files.map((file) => chown(file, user.uid, user.gid)));
}

async function started(place: Place): Promise<ServerProcess> {
  const { bin, user, folder, data, log, port } = place;
  const settings = Object.entries({ ...SETTINGS, port: String(port), unix_socket_directories: folder });
  const flags = settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = await startProcess({
    run: [path.join(bin, "postgres"), "-D", data, ...flags],
    folder,
    log,
    environment: process.env,
    orphanSignal: "QUIT",
    user,
  });
  const limit = performance.now() + START_LIMIT_MS;
  while (!(await takesConnections(place))) {
    if (server.isRunning() && performance.now() < limit) {
      await setTimeout(50);
      continue;
    }
    const why = server.isRunning() ? "it takes too long" : await server.ended;
    await server.end("SIGQUIT");
    throw new Error(`PostgreSQL does not start: ${why}; its log ends with\n${await endOf(log)}`);
  }
  return server;
}

async function takesConnections({ bin, port }: Place): Promise<boolean> {
  const run = [path.join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", String(port)] as const;
  return (await outcomeOf({ run: [...run], environment: process.env })).status === 0;
}

function serverOf(place: Place, first: ServerProcess, url: string): PostgresServer {
  let server = first;
  return {
    ...databasesOf(path.join(place.bin, "psql"), url),
    log: place.log,
    environment: { DATABASE_URL: url },
    pid: () => server.pid,
    stop: async () => {
      await server.end("SIGINT");
      await rm(place.folder, { recursive: true, force: true });
    },
    kill: () => server.end("SIGQUIT"),
    restart: async () => {
      await server.end("SIGINT");
      server = await started(place);
    },
  };
}
