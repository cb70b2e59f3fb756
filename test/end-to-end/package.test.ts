import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { FIRST_WORDS, SHELLS, type Shell } from "../../src/config/settings.ts";
import { ROOT } from "./command.ts";

const run = promisify(execFile);

/** Not part of what `npm pack` looks at, or made anew by it. */
const LEFT_BEHIND = new Set(["node_modules", "dist", "coverage", ".cache", ".git"]);

let directory = "";
/** A project elsewhere, into which the package was installed. */
let project = "";
/** Every file of the package, relative to it. */
let files: readonly string[] = [];

/** The package as installed, with nothing beside it but the dependencies it declares. */
const installed = (...names: readonly string[]): string => path.join(project, "node_modules/netlearn", ...names);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-package-"));
  await unpack(await pack());
  files = (await readdir(installed(), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(installed(), path.join(entry.parentPath, entry.name)))
    .toSorted();
}, 120_000);

afterAll(() => rm(directory, { recursive: true }));

/** Packs a copy of the checkout, so that nothing of an older build gets in and nobody's `dist` changes. */
async function pack(): Promise<string> {
  const checkout = path.join(directory, "checkout");
  await cp(ROOT, checkout, { recursive: true, filter: (from) => !LEFT_BEHIND.has(path.relative(ROOT, from)) });
  await symlink(path.join(ROOT, "node_modules"), path.join(checkout, "node_modules"));
  await run("npm", ["pack", "--pack-destination", directory], { cwd: checkout });
  await rm(checkout, { recursive: true });
  return path.join(directory, `netlearn-${manifest.version}.tgz`);
}

/** What `npm install` does, without a registry: the package, its dependencies and its commands. */
async function unpack(tarball: string): Promise<void> {
  project = path.join(directory, "elsewhere");
  await mkdir(installed(), { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed()]);
  for (const name of Object.keys(manifest.dependencies)) {
    // A name with a scope is a folder deeper.
    const place = path.join(project, "node_modules", name);
    await mkdir(path.dirname(place), { recursive: true });
    await symlink(path.join(ROOT, "node_modules", name), place);
  }
  await mkdir(path.join(project, "node_modules/.bin"));
  for (const [name, file] of Object.entries(manifest.bin)) {
    await chmod(installed(file), 0o755);
    await symlink(path.join("../netlearn", file), path.join(project, "node_modules/.bin", name));
  }
}

/** Runs an installed command by its name, as a shell would. */
async function command(name: string, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const bin = path.join(project, "node_modules/.bin");
  const PATH = [bin, path.dirname(process.execPath), process.env["PATH"]].join(path.delimiter);
  return await run(name, args, { cwd: project, env: { ...process.env, PATH, NO_COLOR: "1" }, maxBuffer: 2 ** 26 });
}

describe("the package", () => {
  it("holds the program, its types, the README and the licence, and nothing else", () => {
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json", "bin/netlearn.js"]));
    expect(files).toEqual(expect.arrayContaining(["dist/src/index.js", "dist/src/index.d.ts", "dist/src/cli/main.js"]));
    const rest = files.filter((file) => !/^dist\/(?:src|generators)\/.*\.(?:js|d\.ts)$|^templates\//u.test(file));
    expect(rest).toEqual(["LICENSE", "README.md", "bin/netlearn.js", "package.json"]);
    expect(files.filter((file) => /(?:^|\/)tests?\/|\.test\.|fixtures/u.test(file))).toEqual([]);
  });

  it("has the licence it names", async () => {
    expect(manifest.license).toBe("Apache-2.0");
    expect(await readFile(installed("LICENSE"), "utf8")).toContain("Apache License");
  });

  it("says nothing about the machine it was made on", async () => {
    const places = [ROOT, directory, homedir()].filter((place) => place.length > "/root".length);
    expect(places).toContain(ROOT);
    for (const file of files) {
      const text = await readFile(installed(file), "utf8");
      expect(
        places.filter((place) => text.includes(place)),
        file,
      ).toEqual([]);
      expect(text, file).not.toMatch(/["'`(\s](?:\/home|\/Users|\/root|[A-Z]:\\Users)[\\/]/u);
    }
  });
});

describe("installed elsewhere", () => {
  it.each(Object.keys(manifest.bin))("%s says its version", async (name) => {
    expect(await command(name, "--version")).toEqual({ stdout: `${manifest.version}\n`, stderr: "" });
  });

  it("suggests the policies of the shop, as they are shown in the example", async () => {
    const output = path.join(project, "policies");
    const flows = path.join(ROOT, "examples/shop/flows.jsonl");
    const { stderr } = await command("netlearn", "suggest", flows, "-o", output, "--report", "report.md");
    expect(stderr).toContain("52 of 52 observed edges pass");
    const shown = path.join(ROOT, "examples/shop/policies");
    const names = (await readdir(shown, { recursive: true })).filter((name) => name.endsWith(".yaml")).toSorted();
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      expect(await readFile(path.join(output, name), "utf8"), name).toBe(
        await readFile(path.join(shown, name), "utf8"),
      );
    }
    expect(await readFile(path.join(project, "report.md"), "utf8")).toContain("```mermaid");
  });

  it("runs as a kubectl plugin, which its help is written for", async () => {
    const { stdout } = await command("kubectl-netlearn", "--help");
    expect(stdout).toMatch(/^Usage: kubectl netlearn /mu);
    expect((await command("kubectl-netlearn", "suggest", "--help")).stdout).toMatch(
      /^Usage: kubectl netlearn suggest /mu,
    );
    expect(stdout).toContain("\n  kubectl netlearn suggest flows.jsonl ");
    expect((await command("netlearn", "--help")).stdout).toMatch(/^Usage: netlearn /mu);
  });

  it("can be imported", async () => {
    const script = 'import("netlearn").then((api) => console.log(typeof api.suggest))';
    expect((await command("node", "--input-type=module", "-e", script)).stdout).toBe("function\n");
  });
});

async function isThere(shell: Shell): Promise<boolean> {
  const found = await run(shell, ["-c", ":"]).then(
    () => true,
    () => false,
  );
  if (!found) console.warn(`completion for ${shell} is not tried: there is no ${shell} on this machine`);
  return found;
}

/** How each shell reads a script without running it. */
const PARSE: Readonly<Record<Shell, string>> = { bash: "-n", zsh: "-n", fish: "--no-execute" };

describe("shell completion of what is installed", async () => {
  const there = new Map(await Promise.all(SHELLS.map(async (shell) => [shell, await isThere(shell)] as const)));

  async function script(shell: Shell): Promise<string> {
    return (await command("netlearn", "completion", shell)).stdout;
  }

  it.each(SHELLS.filter((shell) => there.get(shell)))("%s takes the script", async (shell) => {
    const file = path.join(project, `completion.${shell}`);
    await writeFile(file, await script(shell));
    expect((await run(shell, [PARSE[shell], file])).stderr).toBe("");
  });

  it.runIf(there.get("bash"))("bash offers commands and options, for both names of the program", async () => {
    for (const name of Object.keys(manifest.bin)) {
      const ask = async (...words: readonly string[]): Promise<readonly string[]> => {
        const line = `COMP_WORDS=(${[name, ...words].map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}`;
        // The function that bash itself would call for this program.
        const call = `$(complete -p ${name} | sed -E 's/.* -F ([^ ]+) .*/\\1/')`;
        const text = `${await script("bash")}\n${line}; ${call}; printf '%s\\n' "\${COMPREPLY[@]}"`;
        return (await run("bash", ["--norc", "-c", text])).stdout.trimEnd().split("\n");
      };
      expect(await ask("")).toEqual([...FIRST_WORDS, "--help", "--version"]);
      expect(await ask("suggest", "--unob")).toEqual(["--unobserved"]);
      expect(await ask("graph", "--format", "ge")).toEqual(["gexf"]);
    }
  });

  it.runIf(there.get("fish"))("fish offers commands and options, for both names of the program", async () => {
    for (const name of Object.keys(manifest.bin)) {
      const ask = async (line: string): Promise<readonly string[]> => {
        const text = `${await script("fish")}\ncomplete -C '${name} ${line}'`;
        const { stdout } = await run("fish", ["--no-config", "-c", text]);
        return stdout
          .trimEnd()
          .split("\n")
          .map((offer) => offer.split("\t", 1).join(""));
      };
      expect(await ask("su")).toEqual(["suggest"]);
      expect(await ask("suggest --unob")).toEqual(["--unobserved"]);
      expect(await ask("graph --format ge")).toEqual(["gexf"]);
    }
  });
});
