import path from "node:path";

/** Somebody who may log in, by PLAIN and by SCRAM. */
export interface SaslUser {
  readonly name: string;
  readonly password: string;
}

/** What a broker is started with; everything may be left out. */
export interface KafkaOptions {
  readonly users?: readonly SaslUser[];
  /**
   * Whether everybody needs ACLs for what they do, except on the listener without encryption and login: whoever comes
   * there is `User:ANONYMOUS`, a super user.
   */
  readonly acls?: boolean;
  /** More of server.properties, which win. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Each listener and what it speaks. */
export const LISTENERS = {
  PLAIN: "PLAINTEXT",
  TLS: "SSL",
  SASL: "SASL_PLAINTEXT",
  SASLTLS: "SASL_SSL",
  CONTROLLER: "PLAINTEXT",
} as const;

/** A listener's name. */
export type Listener = keyof typeof LISTENERS;

/** Where it listens and what it reads and writes. */
export interface KafkaPlaces {
  readonly folder: string;
  readonly ports: Readonly<Record<Listener, number>>;
  /** PEM files: the server's certificate followed by its key; who signs the certificates of clients. */
  readonly keystore: string;
  readonly truststore: string;
}

const SECURITY = "org.apache.kafka.common.security";

/** Settings of one node that is broker and controller, small and in a hurry. */
export function serverProperties(places: KafkaPlaces, options: KafkaOptions): string {
  const settings = {
    ...nodeSettings(places),
    ...HASTE,
    ...securitySettings(places, options.users ?? []),
    ...(options.acls === true ? ACLS : {}),
    ...options.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value.replaceAll("\\", "\\\\")}\n`)
    .join("");
}

function nodeSettings({ folder, ports }: KafkaPlaces): Record<string, string> {
  const protocols = Object.entries(LISTENERS);
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.bootstrap.servers": `127.0.0.1:${ports.CONTROLLER}`,
    listeners: Object.entries(ports)
      .map(([name, port]) => `${name}://127.0.0.1:${port}`)
      .join(","),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "listener.security.protocol.map": protocols.map((pair) => pair.join(":")).join(","),
    "log.dirs": path.join(folder, "data"),
    "auto.create.topics.enable": "false",
  };
}

/** One of each, few threads, and nothing waits for what does not come: members that may join, a tick of a slow clock. */
const HASTE: Readonly<Record<string, string>> = {
  "offsets.topic.replication.factor": "1",
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "transaction.state.log.num.partitions": "1",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
  "share.coordinator.state.topic.num.partitions": "1",
  // A broker that was killed is let in again once its old session is over: 9 s unless told.
  "broker.session.timeout.ms": "2000",
  "broker.heartbeat.interval.ms": "500",
  "group.initial.rebalance.delay.ms": "0",
  "group.min.session.timeout.ms": "1000",
  "group.consumer.min.session.timeout.ms": "1000",
  "group.consumer.min.heartbeat.interval.ms": "500",
  "log.initial.task.delay.ms": "500",
  "log.retention.check.interval.ms": "500",
  "log.segment.delete.delay.ms": "0",
  "log.cleaner.dedupe.buffer.size": "4194304",
  "num.network.threads": "1",
  "num.io.threads": "2",
};

const ACLS: Readonly<Record<string, string>> = {
  "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  "super.users": "User:ANONYMOUS",
};

function securitySettings(
  { keystore, truststore }: KafkaPlaces,
  users: readonly SaslUser[],
): Readonly<Record<string, string>> {
  const known = users.map(({ name, password }) => ` user_${name}="${password}"`).join("");
  const mechanisms: Readonly<Record<string, string>> = {
    PLAIN: `${SECURITY}.plain.PlainLoginModule required${known};`,
    "SCRAM-SHA-256": `${SECURITY}.scram.ScramLoginModule required;`,
    "SCRAM-SHA-512": `${SECURITY}.scram.ScramLoginModule required;`,
    // Takes tokens with `"alg": "none"`; the module wants one of the broker's own, too.
    OAUTHBEARER: `${SECURITY}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
  };
  const logins = ["sasl", "sasltls"].flatMap((listener) =>
    Object.entries(mechanisms).map(([mechanism, module]) => [
      `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`,
      module,
    ]),
  );
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": keystore,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": truststore,
    "listener.name.tls.ssl.client.auth": "requested",
    "sasl.enabled.mechanisms": Object.keys(mechanisms).join(","),
    ...Object.fromEntries(logins),
  };
}

/** What `kafka-storage format` takes so that the users are known from the first moment on. */
export function scramArguments(users: readonly SaslUser[]): readonly string[] {
  return ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) =>
    users.flatMap(({ name, password }) => ["--add-scram", `${mechanism}=[name=${name},password=${password}]`]),
  );
}
