/** Directions of imports. A rule's comment is written to whoever breaks it. */
const only = (folder, allowed) => ({
  from: { path: `^${folder}` },
  to: {
    pathNot: [`^${folder}`, ...allowed.map((path) => `^${path}`), "node_modules"],
    path: "^(src|generators|test|bin)",
  },
});

const library = (name, owners, comment) => ({
  name: `${name.replaceAll(/[@/]/g, "-")}-has-one-home`,
  severity: "error",
  comment,
  from: { path: "^(src|generators)", pathNot: owners.map((path) => `^${path}`) },
  to: { path: `node_modules/${name}/` },
});

export default {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "Two files that need each other are one file, or hide a third that both need.",
      from: {},
      to: { circular: true },
    },
    {
      name: "lib-knows-no-domain",
      severity: "error",
      comment: "lib is for what any program could use. If it needs the model, it belongs to the folder that needs it.",
      ...only("src/lib", []),
    },
    {
      name: "model-is-nouns",
      severity: "error",
      comment: "The model is plain data that everyone shares; it depends on nobody.",
      ...only("src/model", []),
    },
    {
      name: "generators-write-down",
      severity: "error",
      comment: "A generator writes a PolicySet down: it reads nothing and decides nothing.",
      ...only("generators", ["src/model", "src/lib"]),
    },
    {
      name: "synthesizer-decides",
      severity: "error",
      comment:
        "The synthesizer sees the graph's data, not the graph's code, and shares none with the evaluator that judges it.",
      ...only("src/synthesizer", ["src/model", "src/lib"]),
    },
    {
      name: "evaluator-is-independent",
      severity: "error",
      comment: "A judge that shares code with the accused proves nothing.",
      ...only("src/evaluator", ["src/model", "src/lib"]),
    },
    {
      name: "confidence-sees-data",
      severity: "error",
      comment: "Confidence is computed from the graph's data alone.",
      ...only("src/confidence", ["src/model", "src/lib"]),
    },
    {
      name: "graph-sees-records",
      severity: "error",
      comment: "The graph is fed through the model's sink.",
      ...only("src/graph", ["src/model", "src/lib"]),
    },
    {
      name: "collectors-report",
      severity: "error",
      comment: "Collectors turn bytes into observations and know nobody who listens.",
      ...only("src/collectors", ["src/model", "src/lib"]),
    },
    {
      name: "inventory-lists",
      severity: "error",
      comment: "The inventory says what exists; what it means is for others to say.",
      ...only("src/inventory", ["src/model", "src/lib"]),
    },
    {
      name: "kubernetes-speaks",
      severity: "error",
      comment: "This folder speaks with API servers; what they say means something elsewhere.",
      ...only("src/kubernetes", ["src/model", "src/lib"]),
    },
    {
      name: "ingest-folds",
      severity: "error",
      comment:
        "Ingest takes what collectors read through the graph into a state, whatever keeps it: the model's StateStore.",
      ...only("src/ingest", ["src/collectors", "src/graph", "src/model", "src/lib"]),
    },
    {
      name: "ingest-is-composed",
      severity: "error",
      comment:
        "Folding into a state is set up where everything comes together, and shown by the command line and reports.",
      from: {
        path: "^(src|generators)",
        pathNot: "^src/(ingest|cli|report|(collect|index|pipeline|state)\\.ts)",
      },
      to: { path: "^src/ingest" },
    },
    {
      name: "store-keeps",
      severity: "error",
      comment: "The store keeps cells and positions; what is in them is for the graph and the collectors to say.",
      ...only("src/store", ["src/model", "src/lib"]),
    },
    {
      name: "sqlite-has-one-home",
      severity: "error",
      comment: "Learned state is asked through the model's StateStore.",
      from: { path: "^(src|generators)", pathNot: "^src/store/sqlite" },
      to: { path: "^(node:)?sqlite$" },
    },
    {
      name: "report-only-shows",
      severity: "error",
      comment: "A report shows data; what computes it is elsewhere.",
      ...only("src/report", ["src/model", "src/lib", "src/pipeline"]),
    },
    {
      name: "gitops-proposes",
      severity: "error",
      comment:
        "What goes into a repository is planned from the model's data; who made the data is for propose.ts to know.",
      ...only("src/gitops", ["src/model", "src/lib", "generators"]),
    },
    {
      name: "gitops-plans-without-hosts",
      severity: "error",
      comment: "Layout, places, rendering and manners are pure: only hosts and tools touch git, files and the network.",
      from: { path: "^src/gitops/(layout|place|render|manners|plan)" },
      to: { path: "^src/gitops/(hosts|tools)" },
    },
    {
      name: "only-the-pipeline-generates",
      severity: "error",
      comment: "Policies are made in network.ts and roles in access.ts, each of which proves what it made.",
      from: { path: "^src", pathNot: "^src/((access|network|index)\\.ts$|gitops/place)" },
      to: { path: "^generators" },
    },
    {
      name: "io-in-few-folders",
      severity: "error",
      comment:
        "Files, processes and the network belong to collectors, the inventory, the API server's folder, the store, git hosts and tools, config loading, collect.ts, which opens states, the one way files are written (lib/atomic-file.ts), and the command line.",
      from: {
        path: "^(src|generators)",
        pathNot:
          "^src/(collectors|inventory|kubernetes|store|config|cli|gitops/(hosts|tools)|collect\\.ts|lib/atomic-file\\.ts)",
      },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|path|util|zlib|timers/promises)$" },
    },
    {
      name: "nobody-imports-tests",
      severity: "error",
      comment: "What the program needs is not in test/.",
      from: { path: "^(src|generators|bin)" },
      to: { path: "^test" },
    },
    {
      name: "no-dev-dependencies",
      severity: "error",
      comment: "The package does not bring this along.",
      from: { path: "^(src|generators|bin)" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "nothing-unresolvable",
      severity: "error",
      comment: "This import leads nowhere.",
      from: {},
      to: { couldNotResolve: true },
    },
    library("graphology[^/]*", ["src/graph"], "graphology is the graph's own view: ask src/graph."),
    library("commander", ["src/cli"], "Only the command line knows how it is parsed."),
    library(
      "zod",
      [
        "src/graph/snapshot-schema.ts",
        "src/graph/access/access-schema.ts",
        "src/config",
        "src/gitops/hosts/github",
        "src/gitops/manners",
      ],
      "Outside data is checked where it comes in.",
    ),
    library(
      "@kubernetes/client-node",
      ["src/kubernetes"],
      "Its models change what they read: ask src/kubernetes for JSON.",
    ),
    library(
      "yaml",
      [
        "generators",
        "src/collectors/formats/yaml-documents.ts",
        "src/config",
        "src/evaluator",
        "src/gitops",
        "src/kubernetes",
      ],
      "YAML is written and configuration is read at the edges; manifests are read by src/inventory.",
    ),
    library("prom-client", ["src/cli/collect"], "Metrics are one more way to look on: ask src/cli/collect."),
    library("pg", ["src/store/postgres"], "Learned state is asked through the model's StateStore."),
    library("kafkajs", ["src/collectors/kafka"], "Kafka is spoken in one folder, behind its port."),
    library("octokit", ["src/gitops/hosts/github"], "GitHub is spoken in one folder, behind its port."),
    library(
      "js-yaml",
      ["src/inventory", "src/gitops/yaml.ts"],
      "Manifests are read by src/inventory as the cluster's tools read them, and files of a repository by src/gitops/yaml.ts.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
