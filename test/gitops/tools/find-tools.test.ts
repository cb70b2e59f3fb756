import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findTools } from "../../../src/gitops/tools/find-tools.ts";
import { type FakeCommands, fakeCommands } from "../../testbed/fake-commands.ts";

let commands: FakeCommands;
let bin = "";

beforeAll(async () => {
  commands = await fakeCommands("");
  bin = path.join(commands.folder, "bin");
  await commands.write("kubectl", 'echo "Client Version: v1.32.4"\necho "Kustomize Version: v5.5.0"');
  await commands.write("kustomize", 'echo "{Version:kustomize/v4.5.7 GitCommit:56d82a8}"');
  await commands.write("helm", 'echo "v3.16.2+g13654a5"');
  await commands.write("terraform", 'echo "no version is set for terraform" >&2; exit 126');
  await commands.write("tofu", "printf 'OpenTofu v1.9.0\\033[31m\\nand more'");
});
afterAll(async () => {
  await commands.remove();
});

const labels = async (searched: string): Promise<readonly string[]> =>
  (await findTools({ env: { PATH: searched } })).map(({ label }) => label);

it("names what is on PATH with its version, and leaves out what does not answer", async () => {
  const expected = ["kustomize v4.5.7", "kubectl kustomize v5.5.0", "helm v3.16.2+g13654a5", "tofu fmt v1.9.0"];
  expect(await labels(bin)).toEqual(expected);
});

it("finds nothing where nothing is", async () => {
  expect(await labels(path.join(commands.folder, "none"))).toEqual([]);
  expect(await findTools({ env: {} })).toEqual([]);
});

it("does not run what lies where one stands: that may be the repository", async () => {
  expect(await labels(["", ".", path.relative(process.cwd(), bin)].join(path.delimiter))).toEqual([]);
});

it("passes over folders and files of that name that are no programs", async () => {
  const other = path.join(commands.folder, "other");
  await mkdir(path.join(other, "helm"), { recursive: true });
  await writeFile(path.join(other, "kubectl"), "no program");
  expect(await labels([other, bin].join(path.delimiter))).toEqual(await labels(bin));
});

it("gives tools nothing of the process but where programs are", async () => {
  const told = path.join(commands.folder, "told");
  const seen = await fakeCommands("");
  await seen.write("helm", `PATH=/usr/bin:/bin; env > ${told}; echo v3.0.0`);
  const secrets = {
    GITHUB_TOKEN: "ghp_secret",
    KUBECONFIG: "/root/kube",
    HELM_PLUGINS: "/root/plugins",
    HOME: "/root",
  };
  await findTools({ env: { ...secrets, PATH: path.join(seen.folder, "bin") } });
  await seen.remove();
  const { readFile } = await import("node:fs/promises");
  const environment = await readFile(told, "utf8");
  expect(environment).toContain("HTTPS_PROXY=http://127.0.0.1:9");
  expect(environment).not.toMatch(/ghp_secret|\/root/u);
});
