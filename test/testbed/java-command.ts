import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";

/** Short to start, little memory, logs on standard error and nothing of the JVM's own on standard output. */
const FLAGS: readonly string[] = [
  "-Xmx256m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-XX:-UsePerfData",
  "-Xlog:disable",
  "-Xlog:all=error:stderr",
  `-Dlog4j2.configurationFile=${path.join(import.meta.dirname, "kafka/log4j2.properties")}`,
];

/** How to run a program of test/testbed/kafka once. */
export interface JavaCommand {
  /** Of `java`, up to the program's own. */
  readonly arguments: readonly string[];
  /** To be called when the program has ended, with whether it did what it is for. */
  readonly ended: (wentWell: boolean) => Promise<void>;
}

/**
 * The first run of a program leaves an archive of its classes beside the jars when it ends, and further runs start from
 * it, which takes half the time. A JVM that an archive is not for goes without.
 *
 * @param classPath begins with the jar of the programs
 */
export function javaCommand(classPath: string, main: string): JavaCommand {
  const [programs = ""] = classPath.split(path.delimiter);
  const archive = path.join(path.dirname(programs), `${main}.jsa`);
  const run = ["-cp", classPath, main];
  if (existsSync(archive)) {
    return { arguments: [...FLAGS, `-XX:SharedArchiveFile=${archive}`, ...run], ended: async () => {} };
  }
  const made = `${archive}-${randomUUID()}`;
  return {
    arguments: [...FLAGS, `-XX:ArchiveClassesAtExit=${made}`, ...run],
    ended: async (wentWell) => {
      if (wentWell && existsSync(made)) await rename(made, archive);
      else await rm(made, { force: true });
    },
  };
}
