import { readdir, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeCommands, fakeCommands } from "./fake-commands.ts";
import { kafkaPrograms } from "./kafka-jars.ts";
import type { Part } from "./part.ts";

const JAVA_17 = "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2";

/** Puts two jars where it is told to. */
const MAVEN = `
echo fetched >>"$FOLDER/count"
for argument; do case $argument in -DoutputDirectory=*) lib=\${argument#*=}; esac; done
mkdir -p "$lib" && touch "$lib/b.jar" "$lib/a.jar"`;
const JAR = 'touch "$3"';

describe("kafkaPrograms", () => {
  let commands: FakeCommands;
  beforeEach(async () => {
    // Of the real commands those that scripts need, and no Java.
    commands = await fakeCommands("");
    for (const name of ["sh", "cat", "mkdir", "touch"]) {
      await symlink(path.join("/bin", name), path.join(commands.folder, "bin", name));
    }
  });
  afterEach(() => commands.remove());

  const prepared = (): Promise<Part<{ readonly classPath: string }>> =>
    kafkaPrograms({ say: () => {}, environment: commands.environment });
  const cache = (): Promise<readonly string[]> => readdir(path.join(commands.folder, "cache/netlearn/testbed"));

  it("fetches and compiles once, and names every jar in the same order", async () => {
    const scripts = { java: JAVA_17, mvn: MAVEN, javac: "exit 0", jar: JAR };
    for (const [name, script] of Object.entries(scripts)) await commands.write(name, script);
    const first = await prepared();
    expect(await prepared()).toEqual(first);
    expect(await readFile(path.join(commands.folder, "count"), "utf8")).toBe("fetched\n");
    const jars = first.state === "ready" ? first.classPath.split(":").map((jar) => path.basename(jar)) : [];
    expect(jars).toEqual(["programs.jar", "a.jar", "b.jar"]);
    expect(await cache()).toHaveLength(1);
  });

  it.each([
    [{}, "no `java`"],
    [{ java: "echo 'java version \"1.8.0_402\"' >&2" }, "needs Java 17 or newer"],
    [{ java: JAVA_17 }, "no `mvn`"],
    [{ java: JAVA_17, mvn: "echo '[ERROR] Could not transfer x: Unknown host repo'; exit 1" }, "Unknown host repo"],
    [{ java: JAVA_17, mvn: MAVEN }, "no `javac`"],
  ])("is absent with %j, and leaves nothing half done", async (scripts, why) => {
    for (const [name, script] of Object.entries(scripts)) await commands.write(name, script);
    expect(await prepared()).toEqual({ state: "absent", why: expect.stringContaining(why) });
    expect(await cache().catch(() => [])).toEqual([]);
  });

  it.each([
    [{ mvn: "echo '[ERROR] Non-parseable POM'; exit 1" }, "Non-parseable POM"],
    [{ mvn: MAVEN, javac: "echo 'Broker.java:1: error' >&2; exit 1" }, "Broker.java:1: error"],
  ])("is no absence but a fault with %j", async (scripts, what) => {
    for (const [name, script] of Object.entries({ java: JAVA_17, ...scripts })) await commands.write(name, script);
    await expect(prepared()).rejects.toThrow(what);
    expect(await cache()).toEqual([]);
  });
});
