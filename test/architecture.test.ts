import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");
const CRUISER = path.join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
const CONFIG = path.join(ROOT, ".dependency-cruiser.mjs");

interface Cruise {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly {
      readonly resolved: string;
      readonly dynamic: boolean;
      readonly dependencyTypes: readonly string[];
    }[];
  }[];
  readonly summary: {
    readonly totalCruised: number;
    readonly ruleSetUsed: {
      readonly forbidden: readonly { readonly name: string; readonly severity: string; readonly comment: string }[];
    };
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

/** What `npm run lint:imports` finds in a directory, as data. */
async function cruise(directory: string): Promise<Cruise> {
  const args = [CRUISER, "--config", CONFIG, "--output-type", "json", "src", "generators"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: directory, maxBuffer: 64_000_000 });
  return JSON.parse(stdout) as Cruise;
}

/** `rule: from -> to`, sorted. */
function violationsOf({ summary }: Cruise): string[] {
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).toSorted();
}

describe("the import rules", () => {
  let found: Cruise;
  beforeAll(async () => {
    found = await cruise(ROOT);
  });

  it("are what the lint asks", async () => {
    const { scripts } = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(scripts["lint:imports"]).toBe("depcruise --config .dependency-cruiser.mjs src generators");
    expect(scripts["lint"]).toContain("lint:imports");
  });

  it("are kept", () => {
    expect(violationsOf(found)).toEqual([]);
  });

  it("looked at every module: a cruiser that can't read TypeScript finds nothing wrong with nothing", async () => {
    const sources = await sourceFiles();
    const cruised = new Set(found.modules.map(({ source }) => source));
    expect(found.summary.totalCruised).toBeGreaterThan(100);
    expect(sources.filter((file) => !cruised.has(file))).toEqual([]);
    const types = found.modules.flatMap(({ dependencies }) => dependencies.flatMap((one) => one.dependencyTypes));
    expect(types).toContain("type-only");
  });

  it("let the command line start without what only some commands need", () => {
    const reached = staticallyReachable(found, "src/cli/main.ts");
    expect(reached.filter((file) => file.includes("/commander/"))).toHaveLength(1);
    expect(
      reached.filter((file) =>
        /^src\/(pipeline|(?:collect|state)\.ts|graph|evaluator|ingest|kubernetes|store)|\/((?:js-)?yaml|zod|graphology|ipaddr\.js|client-node|kafkajs|octokit|pg|prom-client)\//.test(
          file,
        ),
      ),
    ).toEqual([]);
  });
});

/** Everything that is loaded before the first line of a module runs; what is only imported for its types is not. */
function staticallyReachable({ modules }: Cruise, start: string): string[] {
  const bySource = new Map(modules.map((module) => [module.source, module]));
  const reached = new Set([start]);
  for (const source of reached) {
    for (const { resolved, dynamic, dependencyTypes } of bySource.get(source)?.dependencies ?? []) {
      if (!dynamic && !dependencyTypes.includes("type-only")) reached.add(resolved);
    }
  }
  return [...reached];
}

/** A file that breaks one rule: what it is called, what it imports, and where that leads. */
interface Offender {
  readonly file: string;
  readonly imports: string;
  readonly leadsTo: string;
}

const PLANTED: Readonly<Record<string, Offender>> = {
  "no-cycles": { file: "src/report/one.ts", imports: "./two.ts", leadsTo: "src/report/two.ts" },
  "lib-knows-no-domain": { file: "src/lib/text.ts", imports: "../model/flow.ts", leadsTo: "src/model/flow.ts" },
  "model-is-nouns": { file: "src/model/graph.ts", imports: "../lib/sort.ts", leadsTo: "src/lib/sort.ts" },
  "generators-write-down": {
    file: "generators/rbac/rbac.ts",
    imports: "../../src/graph/view.ts",
    leadsTo: "src/graph/view.ts",
  },
  "synthesizer-decides": {
    file: "src/synthesizer/network/decide.ts",
    imports: "../../evaluator/verdict.ts",
    leadsTo: "src/evaluator/verdict.ts",
  },
  "evaluator-is-independent": {
    file: "src/evaluator/proof.ts",
    imports: "../synthesizer/options.ts",
    leadsTo: "src/synthesizer/options.ts",
  },
  "confidence-sees-data": {
    file: "src/confidence/facts.ts",
    imports: "../graph/view.ts",
    leadsTo: "src/graph/view.ts",
  },
  "graph-sees-records": {
    file: "src/graph/learner.ts",
    imports: "../collectors/record.ts",
    leadsTo: "src/collectors/record.ts",
  },
  "collectors-report": { file: "src/collectors/file.ts", imports: "../graph/view.ts", leadsTo: "src/graph/view.ts" },
  "inventory-lists": {
    file: "src/inventory/manifests/read.ts",
    imports: "../../graph/view.ts",
    leadsTo: "src/graph/view.ts",
  },
  "kubernetes-speaks": {
    file: "src/kubernetes/client.ts",
    imports: "../graph/view.ts",
    leadsTo: "src/graph/view.ts",
  },
  "ingest-folds": { file: "src/ingest/fold.ts", imports: "../report/two.ts", leadsTo: "src/report/two.ts" },
  "ingest-is-composed": { file: "src/graph/delta.ts", imports: "../ingest/delta.ts", leadsTo: "src/ingest/delta.ts" },
  "store-keeps": { file: "src/store/fold.ts", imports: "../graph/view.ts", leadsTo: "src/graph/view.ts" },
  "sqlite-has-one-home": { file: "src/collectors/state.ts", imports: "node:sqlite", leadsTo: "node:sqlite" },
  "report-only-shows": {
    file: "src/report/markdown.ts",
    imports: "../synthesizer/options.ts",
    leadsTo: "src/synthesizer/options.ts",
  },
  "gitops-proposes": {
    file: "src/gitops/layout/place.ts",
    imports: "../../graph/view.ts",
    leadsTo: "src/graph/view.ts",
  },
  "gitops-plans-without-hosts": {
    file: "src/gitops/manners/decide.ts",
    imports: "../hosts/git.ts",
    leadsTo: "src/gitops/hosts/git.ts",
  },
  "only-the-pipeline-generates": {
    file: "src/cli/suggest.ts",
    imports: "../../generators/index.ts",
    leadsTo: "generators/index.ts",
  },
  "io-in-few-folders": { file: "src/evaluator/world.ts", imports: "node:dns", leadsTo: "dns" },
  "nobody-imports-tests": { file: "src/cli/main.ts", imports: "../../test/world.ts", leadsTo: "test/world.ts" },
  "no-dev-dependencies": { file: "src/cli/log.ts", imports: "vitest", leadsTo: "node_modules/vitest/index.js" },
  "nothing-unresolvable": { file: "src/cli/io.ts", imports: "./missing.ts", leadsTo: "./missing.ts" },
  "graphology[^-]*-has-one-home": {
    file: "src/report/picture.ts",
    imports: "graphology",
    leadsTo: "node_modules/graphology/index.js",
  },
  "commander-has-one-home": {
    file: "src/pipeline.ts",
    imports: "commander",
    leadsTo: "node_modules/commander/index.js",
  },
  "zod-has-one-home": {
    file: "src/collectors/schema.ts",
    imports: "zod",
    leadsTo: "node_modules/zod/index.js",
  },
  "-kubernetes-client-node-has-one-home": {
    file: "src/inventory/pods.ts",
    imports: "@kubernetes/client-node",
    leadsTo: "node_modules/@kubernetes/client-node/index.js",
  },
  "yaml-has-one-home": { file: "src/report/yaml.ts", imports: "yaml", leadsTo: "node_modules/yaml/index.js" },
  "prom-client-has-one-home": {
    file: "src/ingest/metrics.ts",
    imports: "prom-client",
    leadsTo: "node_modules/prom-client/index.js",
  },
  "pg-has-one-home": { file: "src/ingest/database.ts", imports: "pg", leadsTo: "node_modules/pg/index.js" },
  "kafkajs-has-one-home": {
    file: "src/ingest/kafka.ts",
    imports: "kafkajs",
    leadsTo: "node_modules/kafkajs/index.js",
  },
  "octokit-has-one-home": {
    file: "src/gitops/hosts/pull-requests.ts",
    imports: "octokit",
    leadsTo: "node_modules/octokit/index.js",
  },
  "js-yaml-has-one-home": {
    file: "src/config/load.ts",
    imports: "js-yaml",
    leadsTo: "node_modules/js-yaml/index.js",
  },
};

/** What the offenders import: each of these keeps every rule. */
const INNOCENT: Readonly<Record<string, string>> = {
  "generators/index.ts": "export const dialects = [];\n",
  "src/collectors/record.ts": 'import type { Flow } from "../model/flow.ts";\nexport type Record = Flow;\n',
  "src/evaluator/verdict.ts": "export type Verdict = boolean;\n",
  "src/gitops/hosts/git.ts": "export const git = 1;\n",
  "src/graph/view.ts": 'import { Graph } from "graphology";\nexport const view = Graph;\n',
  "src/ingest/delta.ts": "export const delta = 1;\n",
  "src/lib/sort.ts": "export const sorted = true;\n",
  "src/model/flow.ts": "export interface Flow { readonly port: number }\n",
  "src/report/two.ts": 'import type { one } from "./one.ts";\nexport type Two = typeof one;\n',
  "src/synthesizer/options.ts": 'import { sorted } from "../lib/sort.ts";\nexport const options = sorted;\n',
  "test/world.ts": "export const world = 1;\n",
};

const PACKAGES = [
  "@kubernetes/client-node",
  "commander",
  "graphology",
  "js-yaml",
  "kafkajs",
  "octokit",
  "pg",
  "prom-client",
  "yaml",
  "zod",
  "vitest",
] as const;

describe("each import rule", () => {
  let directory = "";
  let found: Cruise;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "netlearn-imports-"));
    const write = async (file: string, text: string): Promise<void> => {
      await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
      await writeFile(path.join(directory, file), text);
    };
    for (const [file, text] of Object.entries(INNOCENT)) await write(file, text);
    for (const { file, imports } of Object.values(PLANTED)) {
      await write(file, `import * as found from ${JSON.stringify(imports)};\nexport const one = found;\n`);
    }
    for (const name of PACKAGES) {
      await write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
      await write(`node_modules/${name}/index.js`, "module.exports = {};\n");
    }
    const versions = (names: readonly string[]): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, "1.0.0"]));
    const dependencies = versions(PACKAGES.filter((name) => name !== "vitest"));
    await write(
      "package.json",
      JSON.stringify({ name: "planted", type: "module", dependencies, devDependencies: versions(["vitest"]) }),
    );
    await write("tsconfig.json", await readFile(path.join(ROOT, "tsconfig.json"), "utf8"));
    found = await cruise(directory);
  });

  afterAll(() => rm(directory, { recursive: true }));

  it("has somebody here who breaks it", () => {
    expect(Object.keys(PLANTED)).toEqual(found.summary.ruleSetUsed.forbidden.map(({ name }) => name));
  });

  it.each(Object.entries(PLANTED))("finds who breaks it: %s", (rule, { file, leadsTo }) => {
    expect(violationsOf(found)).toContain(`${rule}: ${file} -> ${leadsTo}`);
  });

  it("accuses nobody else", () => {
    const guilty = new Set(Object.values(PLANTED).map(({ file }) => file));
    expect(violationsOf(found).filter((text) => !guilty.has(text.split(" ")[1] ?? ""))).toEqual([]);
  });

  it("says to whoever breaks it why it is there", () => {
    const { forbidden } = found.summary.ruleSetUsed;
    expect(forbidden.filter(({ severity, comment }) => severity !== "error" || comment.length < 20)).toEqual([]);
  });
});

/** Paths of all sources, from the root, with slashes. */
async function sourceFiles(): Promise<string[]> {
  const folders = ["src", "generators"];
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(path.join(ROOT, folder), { recursive: true })).map((file) => `${folder}/${file}`),
    ),
  );
  return listed
    .flat()
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
    .toSorted();
}

describe("every source", () => {
  let sources: (readonly [file: string, text: string])[] = [];
  beforeAll(async () => {
    const files = await sourceFiles();
    sources = await Promise.all(
      files.map(async (file) => [file, await readFile(path.join(ROOT, file), "utf8")] as const),
    );
    expect(sources.length).toBeGreaterThan(100);
  });

  const matching = (pattern: RegExp, inFiles = /./): string[] =>
    sources
      .filter(([file]) => inFiles.test(file))
      .flatMap(([file, text]) =>
        text
          .split("\n")
          .filter((line) => pattern.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );

  it("asks the clock, chance and the process only at the process edge", () => {
    const pattern = /\b(Date\.now|Math\.random|performance\.now|new Date\(\)|randomUUID|process\.(env|argv|hrtime))/;
    expect(matching(pattern, /^src\/cli\//)).not.toEqual([]);
    expect(matching(pattern, /^(generators|src\/(?!cli\/))/)).toEqual([]);
  });

  it("writes nothing to the terminal by itself, the command line excepted", () => {
    const pattern = /\b(console\.|process\.(stdout|stderr|exit))/;
    expect(matching(pattern, /^(generators|src\/(?!cli\/))/)).toEqual([]);
  });

  it("is called after what it holds", () => {
    expect(
      sources.map(([file]) => file).filter((file) => /\b(utils?|helpers?|common|misc|shared)\b/.test(file)),
    ).toEqual([]);
    expect(sources.map(([file]) => file).filter((file) => !/^[a-z0-9/-]+\.ts$/.test(file))).toEqual([]);
  });

  it("has no enum, no silenced checker and no abandoned note", () => {
    expect(matching(/^\s*(export )?(const )?enum /)).toEqual([]);
    expect(matching(/@ts-(ignore|expect-error|nocheck)|(oxlint|eslint|biome)-(disable|ignore)/)).toEqual([]);
    expect(matching(/\b(TODO|FIXME|XXX)\b(?! #\d)/)).toEqual([]);
  });

  it("documents the functions and classes it exports", () => {
    const undocumented = sources.flatMap(([file, text]) => {
      const lines = text.split("\n");
      const isBare = (line: string, index: number): boolean =>
        /^export (async )?(function|class) /.test(line) && !(lines[index - 1] ?? "").endsWith("*/");
      return lines.filter(isBare).map((line) => `${file}: ${line}`);
    });
    expect(undocumented).toEqual([]);
  });
});
