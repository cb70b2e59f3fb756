import { readdir } from "node:fs/promises";
import path from "node:path";
import { cached, cacheFolder, hashOf } from "./cache.ts";
import { outcomeOf } from "./command.ts";
import type { Absent, Part, Surroundings } from "./part.ts";

/** Where the programs of the Kafka part are. */
export interface KafkaPrograms {
  /** What `java -cp` takes: the jar of the testbed's programs, then those of Kafka. */
  readonly classPath: string;
}

const SOURCES = path.join(import.meta.dirname, "kafka");
const PROGRAMS = "programs.jar";
const OLDEST_JAVA = 17;
const COMPILER = ["javac", "-nowarn", "--release", String(OLDEST_JAVA)] as const;

/** How Maven says that it could not reach a repository. Whatever else goes wrong is a fault, and no absence. */
const UNREACHABLE =
  /Unknown host|Temporary failure in name resolution|Connection refused|Connection reset|Connect timed out|Read timed out|Network is unreachable|offline mode|status code: [45]\d\d|SSLHandshakeException/iu;

/**
 * The jars of Kafka, which Maven fetches when they are not yet in the cache folder, and the programs of the testbed that
 * run on them: in `netlearn/testbed/kafka-<hash of the folder kafka>`.
 *
 * @throws Error when Maven or the compiler fails for another reason than that something can't be had
 */
export async function kafkaPrograms(surroundings: Surroundings): Promise<Part<KafkaPrograms>> {
  const { environment } = surroundings;
  const oldJava = await absentJava(environment);
  if (oldJava !== undefined) return oldJava;
  const names = await readdir(SOURCES);
  const hash = await hashOf(SOURCES, names, [PROGRAMS, ...COMPILER]);
  const folder = path.join(cacheFolder(environment), `kafka-${hash}`);
  const absent = await cached<Absent>(folder, async (unfinished) => {
    return (await fetched(unfinished, surroundings)) ?? (await compiled(unfinished, environment)) ?? unfinished;
  });
  if (absent !== undefined) return absent;
  const lib = path.join(folder, "lib");
  const jars = (await readdir(lib)).toSorted().map((name) => path.join(lib, name));
  return { state: "ready", classPath: [path.join(folder, PROGRAMS), ...jars].join(path.delimiter) };
}

async function absentJava(environment: NodeJS.ProcessEnv): Promise<Absent | undefined> {
  const { status, stderr } = await outcomeOf({ run: ["java", "-version"], environment });
  if (status === 127) return { state: "absent", why: "there is no `java` on the PATH" };
  const [, version] = /version "(?:1\.)?(\d+)/u.exec(stderr) ?? [];
  if (Number(version) >= OLDEST_JAVA) return undefined;
  return { state: "absent", why: `it needs Java ${OLDEST_JAVA} or newer; \`java -version\` says ${stderr.trim()}` };
}

async function fetched(folder: string, { say, environment }: Surroundings): Promise<Absent | undefined> {
  const started = performance.now();
  say("kafka: fetching its jars, which takes a moment and happens once");
  const pom = path.join(SOURCES, "pom.xml");
  const target = ["-DincludeScope=runtime", `-DoutputDirectory=${path.join(folder, "lib")}`];
  const copy = ["-B", "-ntp", "-f", pom, "dependency:copy-dependencies", ...target] as const;
  const { status, stdout, stderr } = await outcomeOf({ run: ["mvn", ...copy], environment });
  if (status === 127) return { state: "absent", why: "there is no `mvn` on the PATH to fetch its jars with" };
  if (status === 0) {
    say(`kafka: fetched in ${Math.round((performance.now() - started) / 1000)} s`);
    return undefined;
  }
  const errors = `${stdout}\n${stderr}`.split("\n").filter((line) => line.includes("ERROR") || line.includes("FATAL"));
  const unreachable = errors.find((line) => UNREACHABLE.test(line));
  if (unreachable === undefined) throw new Error(`Maven can't fetch the jars of Kafka:\n${errors.join("\n")}`);
  return { state: "absent", why: `its jars can't be fetched: ${unreachable}` };
}

async function compiled(folder: string, environment: NodeJS.ProcessEnv): Promise<Absent | undefined> {
  const classes = path.join(folder, "classes");
  const sources = (await readdir(SOURCES)).filter((name) => name.endsWith(".java"));
  const files = sources.map((name) => path.join(SOURCES, name));
  const steps: readonly [string, ...string[]][] = [
    [...COMPILER, "-d", classes, "-cp", path.join(folder, "lib", "*"), ...files],
    ["jar", "--create", "--file", path.join(folder, PROGRAMS), "-C", classes, "."],
  ];
  for (const run of steps) {
    const { status, stderr } = await outcomeOf({ run, environment });
    if (status === 127) return { state: "absent", why: `there is no \`${run[0]}\` on the PATH: it needs a JDK` };
    if (status !== 0) throw new Error(`the programs of the Kafka testbed don't compile:\n${stderr}`);
  }
  return undefined;
}
