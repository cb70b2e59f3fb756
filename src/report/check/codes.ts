/** What a finding of `netlearn check` means, whatever it is about. */
export interface CheckCode {
  readonly code: string;
  /** One sentence without a full stop. */
  readonly description: string;
}

/** Every code `netlearn check` can report, in the order of README.md's table. */
export const CHECK_CODES: readonly CheckCode[] = [
  { code: "connection-cut", description: "A connection that was seen would be cut" },
  { code: "connection-undefined", description: "Whether a connection that was seen passes is left open" },
  { code: "change-cuts", description: "The change cuts connections that nobody was seen using" },
  { code: "change-opens", description: "The change opens connections that nobody was seen using" },
  { code: "change-unclear", description: "What the change does to connections is left open" },
  { code: "template-labels-changed", description: "Labels of a pod template change under a selector that stays" },
  { code: "policy-refused", description: "The API server would refuse the policy" },
  { code: "policy-types-missing", description: "A policy without policyTypes isolates by default" },
  { code: "rule-ignored", description: "Rules for a direction that policyTypes do not name" },
  { code: "rule-allows-nothing", description: "A rule that matches nobody" },
  { code: "rule-allows-everything", description: "A rule without peers and ports" },
  { code: "rule-shadowed", description: "Another rule allows everything the rule allows" },
  { code: "selector-matches-nothing", description: "A selector that matches no known workload" },
  { code: "selector-matches-everything", description: "A selector that matches every workload" },
  { code: "named-port-unknown", description: "A named port that no pod has" },
  { code: "block-covers-cluster", description: "An ipBlock that holds addresses of pods or nodes" },
  { code: "dns-forgotten", description: "Egress is closed and DNS is not allowed" },
  {
    code: "promised-traffic-cut",
    description: "Traffic that a webhook, an Ingress, a scrape or the like needs is refused",
  },
  { code: "plugin-limit", description: "Something that the network plugin does not do as the policy says" },
  { code: "duplicate-object", description: "Two objects of one kind, namespace and name" },
  { code: "workload-incomplete", description: "A workload or namespace that says nothing usable" },
  { code: "value-misread", description: "A key or number that kubectl reads differently from YAML 1.2" },
  { code: "other-engine", description: "A policy of another kind, which is not evaluated" },
  { code: "manifest-unparsable", description: "A document that is no YAML" },
  { code: "manifest-unreadable", description: "A file that can't be read" },
  { code: "template-not-rendered", description: "A Helm template instead of a manifest" },
  { code: "directory-loop", description: "A link that leads back into its own directory" },
];
