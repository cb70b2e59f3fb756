import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { gitOutput, redact, runGit } from "../../../src/gitops/hosts/git.ts";
import { gitEnvironment } from "../../../src/gitops/hosts/git-environment.ts";
import { remoteAddress } from "../../../src/gitops/hosts/remote-address.ts";
import { gitIn, scratchFolder } from "./scratch.ts";

const TOKEN = "ghs_0123456789abcdef";
const credentials = { origin: "https://github.example", user: "x-access-token", token: TOKEN };
const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString("base64");

/** A program in git's place that tells what it was given. */
function pretender(script: string): { folder: string; program: string } {
  const folder = scratchFolder();
  const program = path.join(folder, "pretender");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return { folder, program };
}

describe("git", () => {
  test("a missing git says so, and what to do", async () => {
    const asked = runGit({ folder: scratchFolder(), userConfig: false, env: process.env, program: "no-such-git" }, [
      "version",
    ]);
    await expect(asked).rejects.toMatchObject({
      code: "NETLEARN_HOST_UNAVAILABLE",
      hint: expect.stringContaining("Install git"),
    });
  });

  test("git rule 34: a token is in the environment alone, and in no message", async () => {
    const { folder, program } = pretender(`echo "args: $@" >&2; env >&2; exit 3`);
    const result = await runGit({ folder, program, userConfig: false, env: process.env, credentials }, [
      "fetch",
      "origin",
    ]);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain("args: fetch origin");
    expect(result.stderr).toContain("http.https://github.example/.extraHeader");
    expect(result.stderr).toContain("Authorization: Basic ***");
    expect(result.stderr).not.toContain(TOKEN);
    expect(result.stderr).not.toContain(BASIC);
    const failed = gitOutput({ folder, program, userConfig: false, env: process.env, credentials }, ["fetch"]);
    await expect(failed).rejects.toSatisfy((error: Error) => !error.message.includes(TOKEN));
  });

  test("git takes the token's header for its host, and for no other", async () => {
    const folder = scratchFolder();
    const ask = async (url: string) =>
      await runGit({ folder, userConfig: false, env: process.env, credentials }, [
        "config",
        "--get-urlmatch",
        "http.extraHeader",
        url,
      ]);
    expect((await ask("https://github.example/acme/fleet")).stdout.toString()).toContain(BASIC);
    expect((await ask("https://evil.example/acme/fleet")).stdout.toString()).toBe("");
  });

  test("credentials inside an address are taken out of messages", () => {
    expect(redact("fatal: https://me:secret@host/x and ssh://git@host", [])).toBe(
      "fatal: https://***@host/x and ssh://***@host",
    );
  });

  test("variables of a surrounding git do not lead elsewhere", () => {
    process.env["GIT_DIR"] = "/elsewhere";
    try {
      expect(gitEnvironment({ userConfig: true, env: process.env }).environment["GIT_DIR"]).toBeUndefined();
    } finally {
      delete process.env["GIT_DIR"];
    }
  });

  test("what is stopped ends with all it started, and says that it was stopped", async () => {
    const { folder, program } = pretender("sleep 600 & wait");
    const stop = new AbortController();
    const asked = runGit({ folder, program, userConfig: false, env: process.env, signal: stop.signal }, ["fetch"]);
    stop.abort();
    await expect(asked).rejects.toThrow("git fetch was stopped");
    const slow = runGit({ folder, program, userConfig: false, env: process.env, timeoutMs: 50 }, ["fetch"]);
    await expect(slow).rejects.toThrow("git fetch took too long");
  });

  test("an input that git does not read to its end is no fault of ours", async () => {
    const { folder, program } = pretender("exit 1");
    const result = await runGit(
      { folder, program, userConfig: false, env: process.env },
      ["x"],
      Buffer.alloc(4_000_000),
    );
    expect(result.code).toBe(1);
  });

  test("hooks of a repository do not run", async () => {
    const folder = scratchFolder();
    gitIn(folder, ["init", "--quiet"]);
    writeFileSync(path.join(folder, ".git/hooks/pre-commit"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const who = ["-c", "user.name=n", "-c", "user.email=n@example.org"];
    const result = await runGit({ folder, userConfig: false, env: process.env }, [
      ...who,
      "commit",
      "--allow-empty",
      "-m",
      "x",
    ]);
    expect(result.code).toBe(0);
  });
});

describe("a remote's address", () => {
  test.each([
    ["https://github.com/acme/fleet.git", "https", "github.com/acme/fleet"],
    ["git@github.com:acme/fleet.git", "ssh", "github.com/acme/fleet"],
    ["ssh://git@git.example:2222/acme/fleet", "ssh", "git.example:2222/acme/fleet"],
    ["http://127.0.0.1:8080/acme/fleet", "http", "127.0.0.1:8080/acme/fleet"],
    ["/srv/git/fleet.git", "file", "/srv/git/fleet.git"],
    ["file:///srv/git/fleet.git", "file", "/srv/git/fleet.git"],
  ])("%s is taken", (text, protocol, name) => {
    expect(remoteAddress(text)).toMatchObject({ protocol, name });
  });

  test.each([
    "ext::sh -c touch% /tmp/x",
    "ext::sh",
    "--upload-pack=touch",
    "-oProxyCommand=x:y",
    "ssh://-oProxyCommand=x/y",
    "git@host:-oProxyCommand",
    "git://github.com/acme/fleet",
    "http://github.com/acme/fleet",
    "https://x/\ny",
    "relative/path",
    "fd::3",
    "",
  ])("%j is refused", (text) => {
    expect(() => remoteAddress(text)).toThrow("the repository's address");
  });

  test("git rule 34: a password in an address is refused without repeating it", () => {
    const refused = () => remoteAddress(`https://x:${TOKEN}@github.com/acme/fleet`);
    expect(refused).toThrow("credentials");
    expect(refused).not.toThrow(TOKEN);
  });
});
