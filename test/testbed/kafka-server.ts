import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePorts } from "./free-ports.ts";
import { javaCommand } from "./java-command.ts";
import type { KafkaPrograms } from "./kafka-jars.ts";
import { type KafkaOptions, type KafkaPlaces, scramArguments, serverProperties } from "./kafka-settings.ts";
import type { Part } from "./part.ts";
import { endOf, type ServerProcess, startProcess } from "./server-process.ts";

/** A broker of one's own: a single node, empty. Each address is `host:port`. */
export interface KafkaServer {
  /** Neither encryption nor login. */
  readonly brokers: string;
  /** TLS with the certificate `server` of test/support/tls; a client may show the certificate `client`. */
  readonly tlsBrokers: string;
  /** Login by PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, or OAUTHBEARER with a token that nobody signed. */
  readonly saslBrokers: string;
  /** The same in TLS. */
  readonly saslTlsBrokers: string;
  /** PEM: who signed its certificate. */
  readonly ca: string;
  readonly classPath: string;
  readonly dataDir: string;
  readonly log: string;
  /** What tells programs that read variables where it is. */
  readonly environment: { readonly KAFKA_BROKERS: string };
  /** The number of its process, another after each start. */
  readonly pid: () => number;
  /** Ends the process and removes what it wrote. */
  readonly stop: () => Promise<void>;
  /** Ends the process at once, as a machine does that fails (SIGKILL), and keeps what it wrote. */
  readonly kill: () => Promise<void>;
  /** Starts it again, after an orderly end when it still runs: the same data, the same ports. */
  readonly restart: () => Promise<void>;
}

const CERTIFICATES = path.join(import.meta.dirname, "../support/tls");
const START_LIMIT_MS = 120_000;

/**
 * Starts a broker on free ports and waits until it serves. It ends with this process, however that ends.
 *
 * @throws Error with the end of the broker's log when it does not start
 */
export async function startKafka(part: Part<KafkaPrograms>, options: KafkaOptions = {}): Promise<KafkaServer> {
  if (part.state === "absent") throw new Error(`there is no Kafka: ${part.why}`);
  const { classPath } = part;
  const folder = await mkdtemp(path.join(tmpdir(), "netlearn-kafka-"));
  try {
    const ports = await listenerPorts();
    const certificates = { keystore: path.join(folder, "server.pem"), truststore: path.join(CERTIFICATES, "ca.crt") };
    const places = { folder, ports, ...certificates };
    const properties = await writeFiles(places, options);
    // In one argument: an id may begin with a dash.
    const cluster = [`--cluster-id=${randomBytes(16).toString("base64url")}`];
    const broker = [properties, ...cluster, ...scramArguments(options.users ?? [])];
    const start = { folder, log: path.join(folder, "log"), classPath, broker };
    return serverOf(places, start, { ca: await readFile(places.truststore, "utf8"), first: await started(start) });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function serverOf({ folder, ports }: KafkaPlaces, start: Start, { ca, first }: FirstStart): KafkaServer {
  let server = first;
  const at = (port: number): string => `127.0.0.1:${port}`;
  return {
    brokers: at(ports.PLAIN),
    tlsBrokers: at(ports.TLS),
    saslBrokers: at(ports.SASL),
    saslTlsBrokers: at(ports.SASLTLS),
    ca,
    classPath: start.classPath,
    dataDir: path.join(folder, "data"),
    log: start.log,
    environment: { KAFKA_BROKERS: at(ports.PLAIN) },
    pid: () => server.pid,
    stop: async () => {
      await server.end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => server.end("SIGKILL"),
    restart: async () => {
      await server.end("SIGTERM");
      server = await started(start);
    },
  };
}

interface FirstStart {
  readonly ca: string;
  readonly first: ServerProcess;
}

async function listenerPorts(): Promise<KafkaPlaces["ports"]> {
  const [PLAIN = 0, TLS = 0, SASL = 0, SASLTLS = 0, CONTROLLER = 0] = await freePorts(5);
  return { PLAIN, TLS, SASL, SASLTLS, CONTROLLER };
}

/** Writes what the broker reads and returns its server.properties. */
async function writeFiles(places: KafkaPlaces, options: KafkaOptions): Promise<string> {
  const pair = await Promise.all(
    ["server.crt", "server.key"].map((name) => readFile(path.join(CERTIFICATES, name), "utf8")),
  );
  await writeFile(places.keystore, pair.join(""), { mode: 0o600 });
  const properties = path.join(places.folder, "server.properties");
  await writeFile(properties, serverProperties(places, options), { mode: 0o600 });
  return properties;
}

interface Start {
  readonly folder: string;
  readonly log: string;
  readonly classPath: string;
  /** The arguments of the program Broker. */
  readonly broker: readonly string[];
}

async function started({ folder, log, classPath, broker }: Start): Promise<ServerProcess> {
  const java = javaCommand(classPath, "Broker");
  const run = ["java", ...java.arguments, ...broker] as const;
  const server = await startProcess({ run: [...run], folder, log, environment: process.env });
  let wasReady = false;
  void server.ended.then(() => java.ended(wasReady));
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const late = new Promise<string>((resolve) => limit.addEventListener("abort", () => resolve("it takes too long")));
  const said = await Promise.race([server.lines.next().then(({ value }) => value), late, server.ended]);
  wasReady = said === "ready";
  if (wasReady) return server;
  await server.end("SIGKILL");
  throw new Error(`the broker does not start: ${said ?? (await server.ended)}; its log ends with\n${await endOf(log)}`);
}
