import { execFile } from "node:child_process";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { COMMAND_NAMES, FIRST_WORDS, SHELLS, secondWords } from "../../src/config/settings.ts";
import { NetlearnError } from "../../src/lib/errors.ts";
import { BrokenSink, run, Sink } from "./world.ts";

describe("help and version", () => {
  it("netlearn alone prints its help to standard output, with every command and examples", async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const first of FIRST_WORDS) expect(stdout).toContain(`\n  ${first} `);
    expect(stdout).toContain("Examples:");
  });

  it("netlearn state alone prints its help, with every command below it and examples", async () => {
    const { code, stdout, stderr } = await run(["state"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const second of secondWords("state")) expect(stdout).toContain(`\n  ${second} `);
    expect(stdout).toContain("Examples:");
    expect(stdout).toBe((await run(["state", "--help"])).stdout);
  });

  it.each([["shwo"], ["show", "x"]])("netlearn state %s is a usage error", async (...words) => {
    const { code, stdout, stderr } = await run(["state", ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("error[NETLEARN_USAGE]:");
  });

  it.each(COMMAND_NAMES)("netlearn %s --help has examples", async (command) => {
    const { code, stdout } = await run([...command.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`netlearn ${command}`);
    expect(stdout).toContain("Examples:");
  });

  it.each(COMMAND_NAMES)("as a kubectl plugin, %s is shown as it is typed there", async (command) => {
    const { stdout } = await run([...command.split(" "), "--help"], { io: { program: "kubectl netlearn" } });
    expect(stdout).toContain(`Usage: kubectl netlearn ${command} `);
    const examples = stdout.slice(stdout.indexOf("Examples:"));
    expect(examples).toContain(`kubectl netlearn ${command} `);
    expect(examples).not.toMatch(/(?<!kubectl )netlearn (?:suggest|graph|explain|collect|state |completion)/u);
  });

  it("groups the options of suggest", async () => {
    const { stdout } = await run(["suggest", "--help"]);
    const headings = ["Input:", "Output:", "Policy:", "General:"].map((heading) => stdout.indexOf(`\n${heading}\n`));
    expect(headings.every((position) => position > 0)).toBe(true);
    expect(headings).toEqual(headings.toSorted((a, b) => a - b));
    expect(stdout).not.toContain("\u001b");
  });

  it("keeps to a narrow terminal", async () => {
    const stdout = new Sink({ columns: 60 });
    await run(["suggest", "--help"], { io: { stdout } });
    const option = stdout.text.slice(0, stdout.text.indexOf("Examples:"));
    expect(Math.max(...option.split("\n").map((line) => stripVTControlCharacters(line).length))).toBeLessThanOrEqual(
      60,
    );
  });

  it("prints the package's version", async () => {
    expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
  });
});

describe("what is not understood", () => {
  it.each([
    [["sugest"], "unknown command 'sugest'", "Did you mean suggest?"],
    [["suggest", "x", "--frce"], "unknown option '--frce'", "Did you mean --force?"],
    [["suggest", "x", "--unobserved", "dney"], '"dney" is no choice here', "Did you mean deny?"],
    [["suggest", "x", "--unobserved"], "argument missing", ""],
    [["completion", "tcsh"], "tcsh", "bash, zsh, fish"],
    [["completion"], "missing required argument", ""],
    [["graph", "x", "--unobserved", "deny"], "unknown option '--unobserved'", ""],
    [["graph", "x", "--format", "svg"], '"svg" is no choice here', "mermaid, dot, json, gexf"],
    [["explain", "x"], "nothing to explain", "--from"],
    [["suggest", "x", "--report", "-"], "both go to standard output", "--output"],
  ])("%j is a usage error that says what would be right", async (argv, problem, hint) => {
    const { code, stdout, stderr, asked } = await run(argv);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(problem);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(hint);
    expect(asked).toEqual([]);
  });

  it.each(["suggest", "graph", "explain"])("netlearn %s without inputs says what to give", async (command) => {
    const { code, stderr, asked } = await run([command]);
    expect(code).toBe(2);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(`netlearn ${command} flows.jsonl`);
    expect(asked).toEqual([]);
  });

  it("a pipe is not read unless - asks for it, and the error says so", async () => {
    const piped = await run(["suggest"]);
    expect(piped.stderr.replaceAll(/\s+/gu, " ")).toContain("netlearn suggest -");
    const terminal = await run(["suggest"], { io: { stdin: Object.assign(new PassThrough(), { isTTY: true }) } });
    expect(terminal.stderr).not.toContain("netlearn suggest -\n");
    expect(terminal.code).toBe(2);
    expect((await run(["suggest", "-"])).asked[0]?.inputs).toEqual(["-"]);
  });

  it("a snapshot is input enough", async () => {
    const { code, asked } = await run(["suggest", "--snapshot", "a.json", "--graph", "b.json"]);
    expect(code).toBe(0);
    expect(asked[0]?.options.snapshots).toEqual(["a.json", "b.json"]);
  });
});

describe("options reach the pipeline", () => {
  it("from flags, their aliases and the environment", async () => {
    const { asked } = await run(
      [
        "suggest",
        "a.jsonl",
        "b/",
        "--format",
        "hubble",
        "-n",
        "shop",
        "-n",
        "bank",
        "--no-dns-over-tcp",
        "--since",
        "1d",
      ],
      { io: { env: { NETLEARN_DEFAULT_DENY: "true", NETLEARN_EXCLUDE: "load/*->*, x/y" } } },
    );
    expect(asked[0]).toMatchObject({
      inputs: ["a.jsonl", "b/"],
      options: {
        format: "hubble",
        namespaces: ["shop", "bank"],
        dnsOverTcp: false,
        defaultDeny: true,
        exclude: ["load/*->*", "x/y"],
        since: Date.UTC(2026, 0, 4),
      },
    });
  });
});

describe("how a run ends", () => {
  it("a reader that went away is no error: netlearn graph | head", async () => {
    const { code, stderr } = await run(["graph", "x"], { io: { stdout: new BrokenSink() } });
    expect(code).toBe(0);
    expect(stderr).toBe("");
  });

  it("a closed standard error does not matter either", async () => {
    const { code, stdout } = await run(["suggest", "x"], { io: { stderr: new BrokenSink() } });
    expect(code).toBe(0);
    expect(stdout).toContain("kind: NetworkPolicy");
  });

  it("an interruption says so and ends with 130", async () => {
    const interruption = new AbortController();
    const { code, stdout, stderr } = await run(["suggest", "x"], {
      io: { signal: interruption.signal },
      pipeline: {
        suggest: async (_inputs, _options, io) => {
          interruption.abort();
          io.signal?.throwIfAborted();
          throw new Error("not reached");
        },
      },
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toBe("error: interrupted; nothing more was written\n");
  });

  it.each([
    ["NETLEARN_INPUT_MISSING", 3],
    ["NETLEARN_INPUT_EMPTY", 1],
    ["NETLEARN_PROOF_BROKEN", 1],
    ["NETLEARN_SNAPSHOT_INVALID", 3],
  ] as const)("%s of the pipeline ends with %i, its message and its way out", async (code, exitCode) => {
    const suggest = async (): Promise<never> => {
      throw new NetlearnError(code, "it happened with \u001b[31mx", { hint: "do this" });
    };
    const result = await run(["suggest", "x"], { pipeline: { suggest } });
    expect(result.code).toBe(exitCode);
    expect(result.stderr).toBe(`error[${code}]: it happened with \\u{1b}[31mx\n  do this\n`);
    expect(result.stdout).toBe("");
  });

  it("a bug gives a text for an issue, without arguments, which may be confidential", async () => {
    const suggest = async (): Promise<never> => {
      throw new TypeError("x is undefined \u001b[2J");
    };
    const { code, stderr } = await run(["suggest", "secret-customer.jsonl"], { pipeline: { suggest } });
    expect(code).toBe(3);
    expect(stderr).toContain("TypeError: x is undefined \\u{1b}[2J\n");
    expect(stderr).toContain(`node ${process.version}`);
    expect(stderr).not.toContain("secret-customer");
  });

  it("with --log-format json, errors are JSON too, even errors in the command line", async () => {
    const { code, stderr } = await run(["suggest", "x", "--frce", "--log-format", "json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ level: "error", code: "NETLEARN_USAGE", hint: "Did you mean --force?" });
  });
});

it("a JSON line holds no character that a terminal acts on, and says the same", async () => {
  const message = "a\u202eb\u{e0041}c\u2028d\u009be\u00adf";
  const suggest = async (): Promise<never> => {
    throw new NetlearnError("NETLEARN_INPUT_MISSING", message);
  };
  const { stderr } = await run(["suggest", "x", "--log-format", "json"], { pipeline: { suggest } });
  expect(stderr.trimEnd()).toMatch(/^[\x20-\x7e]+$/u);
  expect(JSON.parse(stderr)).toMatchObject({ message });
});

describe("completion", () => {
  it.each(SHELLS)("%s knows the commands and both names of the program", async (shell) => {
    const { code, stdout } = await run(["completion", shell]);
    expect(code).toBe(0);
    for (const word of COMMAND_NAMES.flatMap((command) => command.split(" "))) expect(stdout).toContain(word);
    expect(stdout).toContain("kubectl-netlearn");
    expect(stdout).toContain("unobserved");
  });

  /** What bash would offer for the last word of a line. */
  async function offers(words: readonly string[]): Promise<readonly string[]> {
    const { stdout: script } = await run(["completion", "bash"]);
    const line = words.map((word) => `'${word}'`).join(" ");
    const ask = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _netlearn; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return await new Promise((resolve, reject) => {
      execFile("bash", ["--norc", "-c", ask], (error, stdout) => {
        if (error === null) resolve(stdout.split("\n").filter((word) => word !== ""));
        else reject(error);
      });
    });
  }

  it.each([
    [["netlearn", "su"], ["suggest"]],
    [
      ["kubectl-netlearn", ""],
      [...FIRST_WORDS, "--help", "--version"],
    ],
    [
      ["netlearn", "state", ""],
      ["show", "export", "import", "merge", "prune", "--help"],
    ],
    [["netlearn", "state", "sh"], ["show"]],
    [["netlearn", "state", "show", "--form"], ["--format"]],
    [
      ["netlearn", "state", "show", "--format", ""],
      ["text", "json"],
    ],
    [["netlearn", "state", "import", "--sta"], ["--state"]],
    [["netlearn", "collect", "--sasl", "scram-sha-5"], ["scram-sha-512"]],
    [
      ["netlearn", "suggest", "--unobserved", ""],
      ["open", "deny"],
    ],
    [["netlearn", "suggest", "--unobserved", "=", "d"], ["deny"]],
    [["netlearn", "graph", "x", "--format", "m"], ["mermaid"]],
    [["netlearn", "suggest", "--forc"], ["--force"]],
    [["netlearn", "graph", "--forc"], []],
    [["netlearn", "suggest", "--entity", "in"], ["ingress="]],
    [
      ["netlearn", "suggest", "--entity", "ingress", "=", "o"],
      ["open", "omit"],
    ],
    [
      ["netlearn", "completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["netlearn", "suggest", "flow"], []],
  ])("bash: %j offers %j; files are left to readline", async (words, expected) => {
    expect(await offers(words)).toEqual(expected);
  });
});
