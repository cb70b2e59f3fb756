import type { OptionDraft } from "./option-spec.ts";
import { SASL_MECHANISMS } from "./settings.ts";

const COLLECT = ["collect"] as const;

/** Which records of which Kafka cluster are read, and as whom. */
export const KAFKA: readonly OptionDraft[] = [
  {
    name: "brokers",
    syntax: "brokers",
    placeholder: "HOST:PORT",
    repeatable: true,
    commands: COLLECT,
    description: "brokers to ask first, several with commas between them; the port is 9092 when not given",
  },
  {
    name: "topic",
    syntax: "topic",
    placeholder: "NAME|/REGEX/",
    repeatable: true,
    commands: COLLECT,
    description: "topics with flows; a pattern between slashes has to match the whole name",
  },
  {
    name: "group",
    syntax: "text",
    placeholder: "NAME",
    fallback: "netlearn",
    commands: COLLECT,
    description: "the consumer group, whose members share the partitions",
  },
  {
    name: "sessionTimeout",
    syntax: "duration",
    placeholder: "DURATION",
    fallback: "30s",
    commands: COLLECT,
    description: "how soon the group notices that a member died, and gives its partitions to others",
  },
  {
    name: "start",
    syntax: "start",
    placeholder: "earliest|latest|TIME|DURATION",
    fallback: "earliest",
    commands: COLLECT,
    description: "where to begin in a topic that the state knows nothing of; one it knows goes on where it was",
  },
  {
    name: "clientRack",
    syntax: "text",
    placeholder: "NAME",
    commands: COLLECT,
    description: "the rack or zone this runs in, to read from the nearest replica",
  },
  ...tlsOptions(),
  ...saslOptions(),
  ...tokenOptions(),
];

function tlsOptions(): readonly OptionDraft[] {
  return [
    {
      name: "tls",
      syntax: "switch",
      commands: COLLECT,
      description: "speak TLS with the brokers; the other --tls options mean it too",
    },
    {
      name: "tlsCa",
      syntax: "path",
      placeholder: "FILE",
      commands: COLLECT,
      description: "certificates (PEM) of the authorities to trust instead of the system's",
    },
    {
      name: "tlsCert",
      syntax: "path",
      placeholder: "FILE",
      commands: COLLECT,
      description: "the client's certificate (PEM), for mutual TLS",
    },
    {
      name: "tlsKey",
      syntax: "path",
      placeholder: "FILE",
      commands: COLLECT,
      description: "the key (PEM) of the client's certificate",
    },
    {
      name: "tlsServerName",
      syntax: "text",
      placeholder: "NAME",
      commands: COLLECT,
      description: "the name to expect in the brokers' certificates instead of their host's",
    },
  ];
}

function saslOptions(): readonly OptionDraft[] {
  return [
    {
      name: "sasl",
      syntax: "choice",
      choices: SASL_MECHANISMS,
      placeholder: "MECHANISM",
      commands: COLLECT,
      description: "log in to the brokers with this mechanism",
    },
    {
      name: "saslUsername",
      syntax: "text",
      placeholder: "NAME",
      commands: COLLECT,
      description: "the user to log in as, for plain and scram",
    },
    {
      name: "saslPasswordFile",
      syntax: "path",
      placeholder: "FILE",
      commands: COLLECT,
      description: "a file with the password, read at every login; or the variable NETLEARN_SASL_PASSWORD",
    },
    {
      name: "saslTokenFile",
      syntax: "path",
      placeholder: "FILE",
      commands: COLLECT,
      description: "a file with the token for oauthbearer, read at every login",
    },
  ];
}

/** How to get a token by OAuth client credentials. */
function tokenOptions(): readonly OptionDraft[] {
  return [
    {
      name: "saslTokenUrl",
      syntax: "url",
      placeholder: "URL",
      commands: COLLECT,
      description: "where to ask for a token for oauthbearer, by OAuth client credentials",
    },
    {
      name: "saslClientId",
      syntax: "text",
      placeholder: "ID",
      commands: COLLECT,
      description: "the OAuth client to ask as",
    },
    {
      name: "saslClientSecretFile",
      syntax: "path",
      placeholder: "FILE",
      commands: COLLECT,
      description: "a file with the OAuth client's secret; or the variable NETLEARN_SASL_CLIENT_SECRET",
    },
    {
      name: "saslScope",
      syntax: "text",
      placeholder: "SCOPE",
      commands: COLLECT,
      description: "the scope to ask a token for",
    },
  ];
}
