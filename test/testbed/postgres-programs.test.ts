import { mkdir, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeCommands, fakeCommands } from "./fake-commands.ts";
import type { Part } from "./part.ts";
import { type PostgresPrograms, postgresPrograms } from "./postgres-programs.ts";

const PROGRAMS = ["postgres", "initdb", "psql", "pg_isready"];

/** Brings version 15, with a cluster that runs. */
const APT = `
echo "$@" >>"$FOLDER/apt"
mkdir -p "$FOLDER/versions/15/bin"
for name in ${PROGRAMS.join(" ")}; do touch "$FOLDER/versions/15/bin/$name"; done`;

describe("postgresPrograms", () => {
  let commands: FakeCommands;
  beforeEach(async () => {
    commands = await fakeCommands("");
    for (const name of ["sh", "mkdir", "touch"]) {
      await symlink(path.join("/bin", name), path.join(commands.folder, "bin", name));
    }
    await commands.write("id", '[ "$2" = postgres ] && if [ "$1" = -u ]; then echo 101; else echo 104; fi');
  });
  afterEach(() => commands.remove());

  const found = (isRoot: boolean): Promise<Part<PostgresPrograms>> => {
    const machine = { versions: path.join(commands.folder, "versions"), isRoot };
    return postgresPrograms({ say: () => {}, environment: commands.environment }, machine);
  };
  const noted = (name: string): Promise<string> => readFile(path.join(commands.folder, name), "utf8");

  async function install(version: string): Promise<string> {
    const bin = path.join(commands.folder, "versions", version, "bin");
    await mkdir(bin, { recursive: true });
    for (const name of PROGRAMS) await symlink("/bin/true", path.join(bin, name));
    return bin;
  }

  it("takes the newest version, and installs nothing then", async () => {
    await install("9.6");
    await install("9");
    const bin = await install("15");
    await commands.write("apt-get", APT);
    expect(await found(false)).toEqual({ state: "ready", bin });
    expect(await found(true)).toEqual({ state: "ready", bin, user: { uid: 101, gid: 104 } });
    await expect(noted("apt")).rejects.toThrow("ENOENT");
  });

  it("takes what is on the PATH where the distribution has none", async () => {
    for (const name of PROGRAMS) await commands.write(name, "");
    expect(await found(false)).toEqual({ state: "ready", bin: path.join(commands.folder, "bin") });
  });

  it("installs the package as root, and stops the cluster that comes with it", async () => {
    await commands.write("apt-get", APT);
    await commands.write(
      "pg_lsclusters",
      "echo '15 main 5432 online postgres /var/lib /var/log'; echo '14 old 5433 down'",
    );
    await commands.write("pg_ctlcluster", 'echo "$@" >>"$FOLDER/stopped"');
    const bin = path.join(commands.folder, "versions/15/bin");
    expect(await found(true)).toEqual({ state: "ready", bin, user: { uid: 101, gid: 104 } });
    expect(await noted("apt")).toBe("install -y --no-install-recommends postgresql\n");
    expect(await noted("stopped")).toBe("15 main stop\n");
  });

  it("asks for newer lists of packages when the package is not in the old ones", async () => {
    await commands.write(
      "apt-get",
      `if [ "$1" = update ]; then touch "$FOLDER/new"; exit; fi\n[ -e "$FOLDER/new" ] || exit 100${APT}`,
    );
    expect(await found(true)).toMatchObject({ state: "ready" });
  });

  it("is absent, and says why, where nothing can be installed", async () => {
    expect(await found(false)).toEqual({ state: "absent", why: expect.stringContaining("the package postgresql") });
    expect(await found(true)).toEqual({ state: "absent", why: expect.stringContaining("no `apt-get`") });
    await commands.write("apt-get", "echo 'E: Unable to fetch some archives' >&2; exit 100");
    expect(await found(true)).toEqual({ state: "absent", why: expect.stringContaining("Unable to fetch") });
  });

  it("is absent where it may not run as root and there is nobody else", async () => {
    await install("15");
    await commands.write("id", "exit 1");
    expect(await found(true)).toEqual({ state: "absent", why: expect.stringContaining("no user `postgres`") });
  });
});
