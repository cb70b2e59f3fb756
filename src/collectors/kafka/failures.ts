import { NetlearnError } from "../../lib/errors.ts";
import { some } from "../../lib/some.ts";
import type { KafkaConnection, KafkaSasl } from "./port.ts";
import { SecretUnreadable, TokenRefused } from "./sasl.ts";
import { socketFailure } from "./socket-failures.ts";
import type { SocketStory } from "./sockets.ts";
import type { Failure } from "./unavailable.ts";
import { named, unavailable } from "./unavailable.ts";

/** What was going on when something failed. */
export interface Scene {
  readonly connection: KafkaConnection;
  readonly topics: readonly string[];
  readonly stories: readonly SocketStory[];
  /** What kafkajs logged last as an answer of a broker, since it does not hand on each. */
  readonly lastAnswer: string;
}

/** What kafkajs' errors may tell, of the outermost that says anything. */
interface Facts {
  readonly name: string;
  /** The protocol's name of the error, as `TOPIC_AUTHORIZATION_FAILED`. */
  readonly type: string;
  readonly message: string;
  readonly retriable: boolean;
}

/**
 * Says in one sentence what went wrong and what to do. Nothing of the error itself is handed on: the sentence has what
 * counts, and what a library keeps in its errors is not known for good.
 */
export function explain(error: unknown, scene: Scene): Failure {
  const ready = readyMade(error, scene);
  if (ready !== undefined) {
    return hopeless(ready);
  }
  const facts = factsOf(error);
  const known = byType(facts, scene) ?? byMessage(facts, scene);
  if (known !== undefined) {
    return hopeless(known);
  }
  const socket = socketFailure(scene.connection, scene.stories);
  if (socket !== undefined) {
    return socket;
  }
  return {
    passing: facts.retriable || PASSING_NAMES.has(facts.name),
    error: unavailable(
      `Kafka at ${brokersOf(scene.connection)} did not do what was asked: ${facts.message}`,
      "Are its brokers well? Their logs say more about it.",
    ),
  };
}

function hopeless(error: NetlearnError): Failure {
  return { passing: false, error };
}

/** The brokers the operator named, as a list for a sentence. */
export function brokersOf({ brokers }: KafkaConnection): string {
  return named(brokers);
}

/** kafkajs calls these final, but they are over when the brokers are back. */
const PASSING_NAMES: ReadonlySet<string> = new Set([
  "KafkaJSGroupCoordinatorNotFound",
  "KafkaJSLockTimeout",
  "KafkaJSTimeout",
  "KafkaJSNoBrokerAvailableError",
  "TypeError",
]);

function readyMade(error: unknown, scene: Scene): NetlearnError | undefined {
  for (const one of chainOf(error)) {
    if (one instanceof NetlearnError) {
      return one;
    }
    if (one instanceof SecretUnreadable) {
      return one.reason instanceof NetlearnError
        ? one.reason
        : unavailable("the password or token for Kafka can't be read", "Does its file exist, and may it be read?");
    }
    if (one instanceof TokenRefused) {
      return unavailable(
        `Kafka at ${brokersOf(scene.connection)} doesn't accept the token of SASL OAUTHBEARER (${one.message})`,
        "Has it expired, or another audience, issuer or scope than the broker expects?",
      );
    }
  }
  return undefined;
}

function chainOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let one = error; one !== undefined && chain.length < 10 && !chain.includes(one); ) {
    chain.push(one);
    one = one instanceof Error ? one.cause : undefined;
  }
  return chain;
}

function factsOf(error: unknown): Facts {
  const chain = chainOf(error).filter((one) => one instanceof Error);
  const last = chain.at(-1);
  const type = chain
    .map((one) => ("type" in one && typeof one.type === "string" ? one.type : ""))
    .find((one) => one !== "");
  return {
    name: last?.name ?? "",
    type: type ?? "",
    message: last?.message ?? String(error),
    retriable: last !== undefined && "retriable" in last && last.retriable === true,
  };
}

function byType({ type, message }: Facts, scene: Scene): NetlearnError | undefined {
  const { connection, topics } = scene;
  const where = `Kafka at ${brokersOf(connection)}`;
  switch (type) {
    case "UNKNOWN_TOPIC_OR_PARTITION":
    case "INVALID_TOPIC_EXCEPTION":
      return unavailable(
        `${where} has no topic ${quoted(topics)}`,
        "Is the name right, does it exist yet, and may this client describe it (ACL operation Describe)?",
      );
    case "TOPIC_AUTHORIZATION_FAILED":
      return unavailable(
        `${where} doesn't let ${whoOf(connection.sasl)} read ${quoted(topics)}`,
        "Allow it the operations Describe and Read on the topic: kafka-acls --add --allow-principal User:NAME --operation Read --topic TOPIC.",
      );
    case "GROUP_AUTHORIZATION_FAILED":
      return groupRefused(connection);
    case "CLUSTER_AUTHORIZATION_FAILED":
      return unavailable(
        `${where} doesn't let ${whoOf(connection.sasl)} do that: ${message}`,
        "Allow it to describe the cluster.",
      );
    case "ILLEGAL_SASL_STATE":
      return unavailable(
        `${where} asks for no credentials on this listener`,
        "Leave the SASL settings out, or give the port of the listener they are for.",
      );
    case "UNSUPPORTED_SASL_MECHANISM":
      return mechanismRefused(connection);
    case "SASL_AUTHENTICATION_FAILED":
      return saslRefused(message, connection);
    case "UNSUPPORTED_VERSION":
    case "UNSUPPORTED_FOR_MESSAGE_FORMAT":
      return unavailable(
        `${where} doesn't speak a version of the protocol that netlearn knows: ${message}`,
        "Kafka 0.11 or newer is needed. Is that address a Kafka broker?",
      );
    case "INCONSISTENT_GROUP_PROTOCOL":
    case "INVALID_GROUP_ID":
    case "GROUP_MAX_SIZE_REACHED":
      return unavailable(
        `${where} doesn't let netlearn join the consumer group ${JSON.stringify(connection.group)}: ${message}`,
        "Choose a group that no other program uses.",
      );
    default:
      return undefined;
  }
}

function groupRefused(connection: KafkaConnection): NetlearnError {
  return unavailable(
    `Kafka at ${brokersOf(connection)} doesn't let ${whoOf(connection.sasl)} use the consumer group ${JSON.stringify(connection.group)}`,
    "Allow it the operation Read on the group, or choose a group it may use.",
  );
}

function byMessage({ name, message }: Facts, scene: Scene): NetlearnError | undefined {
  const { connection } = scene;
  const where = `Kafka at ${brokersOf(connection)}`;
  if (name === "KafkaJSSASLAuthenticationError" || /SASL .*(?:authentication failed|not supported)/u.test(message)) {
    return saslRefused(message, connection);
  }
  if (name === "KafkaJSServerDoesNotSupportApiKey" || message === "API Versions not supported") {
    return unavailable(
      `${where} doesn't speak a version of the protocol that netlearn knows: ${message}`,
      "Kafka 0.11 or newer is needed. Is that address a Kafka broker?",
    );
  }
  // kafkajs asks every broker and keeps what they say to itself.
  return /Group authorization failed/iu.test(scene.lastAnswer) && PASSING_NAMES.has(name)
    ? groupRefused(connection)
    : undefined;
}

function saslRefused(message: string, connection: KafkaConnection): NetlearnError {
  if (/mechanism/iu.test(message) && /not (?:supported|enabled)|unsupported/iu.test(message)) {
    return mechanismRefused(connection);
  }
  return unavailable(
    `Kafka at ${brokersOf(connection)} doesn't accept the credentials of ${whoOf(connection.sasl)}`,
    "Check the user name and the password, and that the user exists for this mechanism: one of PLAIN is none of SCRAM.",
  );
}

function mechanismRefused(connection: KafkaConnection): NetlearnError {
  const mechanism = connection.sasl?.mechanism.toUpperCase() ?? "this mechanism";
  return unavailable(
    `Kafka at ${brokersOf(connection)} doesn't offer SASL ${mechanism}`,
    "Choose one of the listener's sasl.enabled.mechanisms, or the port of another listener.",
  );
}

function whoOf(sasl: KafkaSasl | undefined): string {
  if (sasl === undefined) {
    return "a client without credentials";
  }
  const mechanism = `SASL ${sasl.mechanism.toUpperCase()}`;
  return sasl.mechanism === "oauthbearer"
    ? `the token's user (${mechanism})`
    : `user ${JSON.stringify(sasl.username)} (${mechanism})`;
}

function quoted(topics: readonly string[]): string {
  return topics.length === 0 ? "of that name" : some(topics.map((topic) => JSON.stringify(topic)));
}
