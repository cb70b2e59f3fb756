import type { CommandName } from "../config/settings.ts";

/** The words of `netlearn --help` around the list of commands. */
export const PROGRAM_HELP = {
  description:
    "Learns from Hubble flow logs which services of a Kubernetes cluster really talk, and writes the smallest NetworkPolicies that keep it working.",
  after: `Examples:
  netlearn suggest flows.jsonl                     print policies
  netlearn suggest logs/ -o policies --report review.md
  hubble observe -o jsonpb | netlearn suggest -    read standard input
  netlearn graph flows.jsonl                       draw who talks to whom
  netlearn explain flows.jsonl --to shop/cart      why is this allowed?

Also works as a kubectl plugin: kubectl netlearn.
Exit codes: 0 fine, 1 something to look at, 2 usage, 3 environment.
`,
} as const;

/** The words of each command's help. */
export const COMMAND_HELP: Readonly<Record<CommandName, { readonly summary: string; readonly after: string }>> = {
  suggest: {
    summary: "write NetworkPolicies that allow what was seen",
    after: `Examples:
  netlearn suggest flows.jsonl | kubectl apply --dry-run=server -f -
  netlearn suggest 'logs/*.json.gz' --since 7d -o policies --report review.md
  netlearn suggest flows.jsonl -n shop --unobserved deny --default-deny
  netlearn suggest flows.jsonl --exclude 'load-test/*' --exclude '*->shop/cart:9999'
`,
  },
  graph: {
    summary: "show who talks to whom",
    after: `Examples:
  netlearn graph flows.jsonl > graph.mmd
  netlearn graph flows.jsonl --format dot | dot -Tsvg > graph.svg
  netlearn graph monday.jsonl --format json -o monday.graph.json
  netlearn graph tuesday.jsonl --snapshot monday.graph.json
`,
  },
  explain: {
    summary: "say why traffic is allowed, or why it is not",
    after: `Examples:
  netlearn explain flows.jsonl --from shop/frontend --to shop/cart
  netlearn explain flows.jsonl --to cart --port 7070/TCP
  netlearn explain flows.jsonl --from shop/cart --to 203.0.113.7
`,
  },
  completion: {
    summary: "print a completion script for a shell",
    after: `Examples:
  source <(netlearn completion bash)
  netlearn completion zsh > "\${fpath[1]}/_netlearn"
  netlearn completion fish > ~/.config/fish/completions/netlearn.fish
`,
  },
};
