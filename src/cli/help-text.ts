import type { CommandName } from "../config/settings.ts";

/** The words of `netlearn --help` around the list of commands. */
export const PROGRAM_HELP = {
  description:
    "Learns from Hubble flow logs which services of a Kubernetes cluster really talk, and from audit logs who really uses its API, and writes the smallest NetworkPolicies and RBAC that keep it working.",
  after: `Examples:
  netlearn suggest flows.jsonl                     print policies
  netlearn suggest logs/ -o policies --report review.md
  hubble observe -o jsonpb | netlearn suggest -    read standard input
  netlearn graph flows.jsonl                       draw who talks to whom
  netlearn explain flows.jsonl --to shop/cart      why is this allowed?
  netlearn suggest --audit audit.log --cluster     Roles for what was used
  netlearn access audit.log -n prod                who reached that namespace?
  netlearn check policies --flows flows.jsonl      what would these policies cut?
  netlearn can shop/cart shop/db 5432 --manifests policies
  netlearn collect --brokers kafka:9092 --topic hubble-flows
  netlearn suggest --state netlearn.db             from what was collected
  netlearn propose flows.jsonl --repo fleet        into a GitOps repository

Also works as a kubectl plugin: kubectl netlearn.
Exit codes: 0 fine, 1 something to look at, 2 usage, 3 environment.
`,
} as const;

/** What a command is called with and for. */
export interface CommandHelp {
  readonly summary: string;
  readonly after: string;
  /** Its positional arguments, where they are no flow logs. */
  readonly inputs?: { readonly name: string; readonly description: string } | "none";
}

/** The words of the help of what has commands below it. */
export const GROUP_HELP: Readonly<Record<string, CommandHelp>> = {
  state: {
    summary: "look at, copy, merge and prune what was collected",
    after: `Examples:
  netlearn state show
  netlearn state prune --older-than 90d --dry-run
  netlearn state export -o learned.json
`,
  },
};

/** The words of each command's help. */
export const COMMAND_HELP: Readonly<Record<CommandName, CommandHelp>> = {
  suggest: {
    summary: "write NetworkPolicies and Roles that allow what was seen",
    after: `Examples:
  netlearn suggest flows.jsonl | kubectl apply --dry-run=server -f -
  netlearn suggest 'logs/*.json.gz' --since 7d -o policies --report review.md
  netlearn suggest flows.jsonl -n shop --unobserved deny --default-deny
  netlearn suggest flows.jsonl --exclude 'load-test/*' --exclude '*->shop/cart:9999'
  netlearn suggest --audit audit.log --rbac rbac.yaml -o rbac --report review.md
  netlearn suggest --audit 'audit/*.gz' --cluster -o rbac --remove-replaced old.yaml
`,
  },
  propose: {
    summary: "put what suggest writes where a GitOps repository keeps it: as a patch, branches or pull requests",
    after: `Examples:
  netlearn propose flows.jsonl --repo fleet                 what would change, and why
  netlearn propose flows.jsonl --repo fleet -o patch | git -C fleet apply
  netlearn propose flows.jsonl --repo git@git.acme.io:platform/fleet.git -o branch
  netlearn propose --state netlearn.db --repo https://github.com/acme/fleet -o pull-request
Where things belong is found out; .github/netlearn.yaml in the repository has the last word.
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
  access: {
    summary: "show who used the API, what they reached, and what is granted and unused",
    inputs: {
      name: "[inputs...]",
      description: "audit logs: files, directories or globs (also .gz, .zst); - for standard input",
    },
    after: `Examples:
  netlearn access audit.log
  netlearn access 'audit/*.gz' -l env=prod --cluster
  netlearn access audit.log --by identity --unused-for 30d --rbac rbac.yaml
  netlearn access --state netlearn.db -n prod --format markdown -o who-reaches-prod.md
`,
  },
  check: {
    summary: "find what policies, or a change of them, cut, open or get wrong",
    inputs: { name: "[manifests...]", description: "files or directories with manifests; - for standard input" },
    after: `Examples:
  netlearn check policies/ --flows flows.jsonl
  netlearn check policies/ manifests/ --graph monday.graph.json --profile calico
  netlearn check --base main/deploy --head deploy --flows flows.jsonl
  netlearn check deploy/ --format sarif > netlearn.sarif
  helm template shop ./chart | netlearn check - --format github --fail-on error
`,
  },
  can: {
    summary: "say whether a connection would be allowed, and which policy decides",
    inputs: {
      name: "[question...]",
      description: "CLIENT SERVER PORT: a pod, a workload (NAMESPACE/NAME) or an address; 5432/TCP",
    },
    after: `Examples:
  netlearn can shop/cart shop/db 5432/TCP --manifests deploy/
  netlearn can shop/payments 203.0.113.10 443 --manifests policies/ --graph monday.graph.json
  netlearn can --queries questions.jsonl --manifests deploy/ > answers.jsonl
A question in a file: {"from":"shop/cart","to":"shop/db","port":5432,"protocol":"TCP"}
`,
  },
  collect: {
    summary: "learn from Kafka topics, or from files, into a state that lasts",
    inputs: { name: "[files...]", description: "with --from-files: files, directories or globs; - for standard input" },
    after: `Examples:
  netlearn collect --brokers kafka:9092 --topic hubble-flows
  netlearn collect --brokers kafka:9093 --topic '/hubble-.*/' --tls-ca ca.pem \\
    --sasl scram-sha-512 --sasl-username netlearn --sasl-password-file password
  netlearn collect --follow --state postgres://db/netlearn --metrics-port 9090
  netlearn collect --from-files 'logs/*.json.gz' && netlearn suggest --state netlearn.db
Each record counts once, however often a run is killed and begun again.
`,
  },
  "state show": {
    summary: "say what a state holds: since when, how much, how far sources were read",
    inputs: "none",
    after: `Examples:
  netlearn state show
  netlearn state show --state postgres://db/netlearn --format json
`,
  },
  "state export": {
    summary: "print a state as a snapshot, which --snapshot and state import read",
    inputs: "none",
    after: `Examples:
  netlearn state export -o learned.json
  netlearn state export | gzip > learned.json.gz
`,
  },
  "state import": {
    summary: "add snapshots to a state",
    inputs: { name: "[snapshots...]", description: "files that state export or graph --format json wrote" },
    after: `Examples:
  netlearn state import learned.json
  netlearn state import monday.json tuesday.json --state week.db
`,
  },
  "state merge": {
    summary: "add everything other states hold to a state",
    inputs: { name: "[states...]", description: "files or URLs of the other states, which stay as they are" },
    after: `Examples:
  netlearn state merge laptop.db
  netlearn state merge eu.db us.db --state all.db
`,
  },
  "state prune": {
    summary: "forget what is old, or a namespace",
    inputs: "none",
    after: `Examples:
  netlearn state prune --older-than 90d --dry-run
  netlearn state prune --forget-namespace load-test
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
