import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mergeCells } from "../../src/graph/merge-cells.ts";
import { openState } from "../../src/store/open.ts";
import { netlearn, type Outcome, ROOT } from "./command.ts";

const FLOWS = path.join(ROOT, "examples/shop/flows.jsonl");
let directory = "";
/** What `suggest` gives for the example's flows. */
let expected = "";

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-collect-"));
  const alone = await netlearn(["suggest", FLOWS]);
  expect(alone.code).toBe(0);
  expected = alone.stdout;
});

afterAll(() => rm(directory, { recursive: true }));

/** As an API server writes it. */
const AUDIT_EVENT = JSON.stringify({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  auditID: "c3f2",
  stage: "ResponseComplete",
  requestURI: "/api/v1/namespaces/shop/configmaps/settings",
  verb: "get",
  user: { username: "jane", groups: ["ops"] },
  objectRef: { resource: "configmaps", namespace: "shop", name: "settings", apiVersion: "v1" },
  responseStatus: { code: 200 },
  requestReceivedTimestamp: "2026-03-04T08:00:00.000000Z",
  annotations: { "authorization.k8s.io/decision": "allow" },
});

const here = async (...args: readonly string[]): Promise<Outcome> => await netlearn(args, { cwd: directory });

async function good(...args: readonly string[]): Promise<Outcome> {
  const outcome = await here(...args);
  expect(outcome.code, outcome.stderr).toBe(0);
  return outcome;
}

describe("what was collected from files", () => {
  it("gives the policies that the files give, with the state of the working directory", async () => {
    const { stdout, stderr } = await good("collect", "--from-files", FLOWS);
    expect(stdout).toBe("");
    expect(stderr).toContain("Ended       everything was read");
    expect(await readdir(directory)).toContain("netlearn.db");
    expect((await good("suggest", "--state", "netlearn.db")).stdout).toBe(expected);
  });

  it("does not count twice", async () => {
    const before = JSON.parse((await good("state", "show", "--format", "json")).stdout);
    const { stderr } = await good("collect", "--from-files", FLOWS);
    expect(stderr).toContain("1 file held nothing new");
    expect(JSON.parse((await good("state", "show", "--format", "json")).stdout)).toEqual(before);
  });

  it("is shown to people in any width, and to programs", async () => {
    const { stdout } = await good("state", "show");
    expect(stdout).toMatch(/^State {7}.*netlearn\.db, .* schema version \d+\nWindow /u);
    expect(stdout).toContain("13 workloads in 5 namespaces, 52 edges, 1 denied attempt");
    expect(stdout).toContain("Sources     1 file\n");
    const view: unknown = JSON.parse((await good("state", "show", "--format", "json")).stdout);
    expect(view).toMatchObject({
      workloads: 13,
      edges: 52,
      first: "2026-03-04T06:00:42.198Z",
      lostEvents: 18,
      gaps: [],
    });
  });

  it("is the same after export and import, and imported once", async () => {
    await good("state", "export", "-o", "learned.json");
    expect((await good("state", "export")).stdout).toBe(await readFile(path.join(directory, "learned.json"), "utf8"));
    expect((await good("state", "import", "learned.json", "--state", "imported.db")).stderr).toContain("was added to");
    expect((await good("suggest", "--state", "imported.db")).stdout).toBe(expected);
    const again = await good("state", "import", "learned.json", "--state", "imported.db");
    expect(again.stderr).toContain("was added before; nothing changed.");
    expect((await good("suggest", "--snapshot", "learned.json")).stdout).toBe(expected);
  });

  it("holds the use of the API beside flows, shown, exported, imported, and in the graph", async () => {
    await writeFile(path.join(directory, "audit.log"), `${AUDIT_EVENT}\n`);
    await good("collect", "--from-files", FLOWS, "audit.log", "--state", "both.db");
    expect((await good("state", "show", "--state", "both.db")).stdout).toMatch(/^Audit +1 of 1 audit event used$/mu);
    const view: unknown = JSON.parse((await good("state", "show", "--format", "json", "--state", "both.db")).stdout);
    expect(view).toMatchObject({ audit: { events: 1, used: 1, setAside: {} }, cells: { access: 1, caller: 1 } });
    await good("state", "export", "--state", "both.db", "-o", "both.json");
    await good("state", "import", "both.json", "--state", "copy.db");
    const exported = async (name: string): Promise<unknown> => {
      const { observations, access } = JSON.parse((await good("state", "export", "--state", name)).stdout);
      return { observations, access };
    };
    expect(await exported("copy.db")).toEqual(await exported("both.db"));
    const graph = JSON.parse((await good("graph", "--state", "both.db", "--format", "json")).stdout);
    expect(graph.access.uses).toMatchObject([{ identity: { username: "jane" }, outcome: "allowed" }]);
    const forgotten = await good("state", "prune", "--older-than", "2026-09-01", "--state", "both.db");
    expect(forgotten.stderr).toMatch(/1 +kinds of use of the Kubernetes API/u);
  });

  it("is the same after it was merged from halves", async () => {
    const lines = (await readFile(FLOWS, "utf8")).trimEnd().split("\n");
    for (const half of [0, 1]) {
      const part = lines.filter((_, at) => at % 2 === half);
      await writeFile(path.join(directory, `half-${half}.jsonl`), `${part.join("\n")}\n`);
      await good("collect", "--from-files", `half-${half}.jsonl`, "--state", `half-${half}.db`);
    }
    await good("state", "merge", "half-0.db", "half-1.db", "--state", "whole.db");
    expect((await good("suggest", "--state", "whole.db")).stdout).toBe(expected);
  });

  it("is forgotten as far as asked, and not at all in a dry run", async () => {
    const forget = ["state", "prune", "--state", "imported.db", "--forget-namespace", "monitoring"];
    expect((await good(...forget, "--dry-run")).stderr).toMatch(/^Would go {4}[\d,]+ facts/u);
    expect((await good("suggest", "--state", "imported.db")).stdout).toBe(expected);
    expect((await good(...forget)).stderr).toMatch(/^Forgotten {3}[\d,]+ facts/u);
    expect((await good("suggest", "--state", "imported.db")).stdout).not.toContain("namespace: monitoring");
    expect((await good(...forget)).stderr).toBe("There is nothing to forget.\n");
  });
});

describe("what can't be done is one sentence with a way out, and changes nothing", () => {
  const REFUSED: readonly { name: string; args: readonly string[]; code: number; said: string; wayOut: string }[] = [
    {
      name: "no state to show",
      args: ["state", "show", "--state", "none.db"],
      code: 3,
      said: "there is no state",
      wayOut: "netlearn collect",
    },
    {
      name: "no state to prune",
      args: ["state", "prune", "--state", "none.db", "--older-than", "1d"],
      code: 3,
      said: "there is no state",
      wayOut: "collect",
    },
    {
      name: "nothing to prune",
      args: ["state", "prune"],
      code: 2,
      said: "nothing to forget",
      wayOut: "--older-than 90d",
    },
    { name: "no snapshot", args: ["state", "import"], code: 2, said: "no snapshot to add", wayOut: "learned.json" },
    {
      name: "a snapshot that is none",
      args: ["state", "import", "text.txt", "--state", "none.db"],
      code: 3,
      said: "is not a graph snapshot",
      wayOut: "give",
    },
    {
      name: "a missing snapshot",
      args: ["state", "import", "none.json", "--state", "none.db"],
      code: 3,
      said: "none.json",
      wayOut: "give",
    },
    { name: "no other state", args: ["state", "merge"], code: 2, said: "no state to add", wayOut: "other.db" },
    {
      name: "a missing other state",
      args: ["state", "merge", "none.db", "--state", "none.db"],
      code: 3,
      said: "there is no state",
      wayOut: "collect",
    },
    {
      name: "no file",
      args: ["collect", "--from-files", "none.jsonl", "--state", "none.db"],
      code: 3,
      said: "no such file",
      wayOut: "spelling",
    },
    {
      name: "a state that is text",
      args: ["collect", "--from-files", FLOWS, "--state", "text.txt"],
      code: 3,
      said: "text.txt",
      wayOut: "",
    },
    {
      name: "a state in no folder",
      args: ["collect", "--from-files", FLOWS, "--state", "no/folder/x.db"],
      code: 3,
      said: "no/folder",
      wayOut: "",
    },
    {
      name: "a broker that is a URL",
      args: ["collect", "--brokers", "http://x"],
      code: 2,
      said: "is no address of a broker",
      wayOut: "HOST:PORT",
    },
    {
      name: "an option of another command",
      args: ["state", "show", "--brokers", "x"],
      code: 2,
      said: "unknown option",
      wayOut: "--",
    },
  ];

  it.each(REFUSED)("$name", async ({ args, code, said, wayOut }) => {
    await writeFile(path.join(directory, "text.txt"), "some text\n");
    const before = await readdir(directory);
    const outcome = await here(...args);
    const stderr = outcome.stderr.replaceAll(/\s+/gu, " ");
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code, stdout: "" });
    expect(stderr.match(/error\[NETLEARN_[A-Z_]+\]:/gu)).toHaveLength(1);
    expect(stderr).toContain(said);
    expect(stderr).toContain(wayOut);
    expect(await readdir(directory)).toEqual(before);
    expect(await readFile(path.join(directory, "text.txt"), "utf8")).toBe("some text\n");
  });
});

describe("a state that can't be used", () => {
  const use = async (state: string): Promise<Outcome> => {
    return await here("collect", "--from-files", FLOWS, "--state", state);
  };

  it("since another process writes to it: exit 3, nothing changed", async () => {
    const state = path.join(directory, "held.db");
    const store = await openState(state, { mode: "write", mergeCells });
    try {
      const { code, stderr } = await use(state);
      expect(code).toBe(3);
      expect(stderr.replaceAll(/\s+/gu, " ")).toMatch(
        /error\[NETLEARN_STATE_BUSY\]: another process writes to.*end the/u,
      );
      expect((await store.summary()).cells.edge).toBe(0);
    } finally {
      await store.close();
    }
  });

  it.each([
    [
      "of a newer version",
      (bytes: Buffer) => bytes.writeUInt32BE(9999, 60),
      /has version 9999/u,
      /the netlearn that wrote it or a newer one/u,
    ],
    ["damaged at its beginning", (bytes: Buffer) => bytes.fill(0xa5, 16, 40), /state|database/u, /backup/u],
    ["damaged within", (bytes: Buffer) => bytes.fill(0xa5, 4096 + 8, 8000), /damaged/u, /backup/u],
  ] as const)("since it is %s: exit 3, nothing changed", async (name, spoil, said, wayOut) => {
    const state = path.join(directory, `${name.replaceAll(" ", "-")}.db`);
    await good("collect", "--from-files", FLOWS, "--state", state);
    const bytes = await readFile(state);
    spoil(bytes);
    await writeFile(state, bytes);
    const { code, stderr } = await use(state);
    expect(code, stderr).toBe(3);
    const text = stderr.replaceAll(/\s+/gu, " ");
    expect(text).toMatch(said);
    expect(text).toMatch(wayOut);
    expect(text.match(/error\[NETLEARN_[A-Z_]+\]:/gu)).toHaveLength(1);
    expect((await readFile(state)).equals(bytes)).toBe(true);
  });
});

describe("a run that waits for standard input", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("folds in what it has when it gets %s, and ends with %i", async (signal, expectedCode) => {
    const name = `${signal}.db`;
    const script = path.join(ROOT, "test/end-to-end/start.ts");
    const args = [script, "collect", "--from-files", "-", "--state", name];
    const child = spawn(process.execPath, args, { cwd: directory, env: { ...process.env, NO_COLOR: "1" } });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const closed = once(child, "close");
    child.stdin.write(await readFile(FLOWS));
    while (!(await readdir(directory)).includes(name)) await new Promise((resolve) => setTimeout(resolve, 50));
    // Long enough to have read what lies there; standard input stays open.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    child.kill(signal);
    const [code] = await closed;
    expect({ code }, stderr).toEqual({ code: expectedCode });
    expect(stderr).toContain("interrupted; what was read is in the state");
    const view: unknown = JSON.parse((await good("state", "show", "--format", "json", "--state", name)).stdout);
    expect(view).toMatchObject({ edges: 52 });
  });
});
