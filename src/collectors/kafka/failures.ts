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
  const known = BY_TYPE.get(facts.type)?.(scene, facts.message) ?? byMessage(facts, scene);
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
      `${whereOf(scene.connection)} did not do what was asked: ${facts.message}`,
      "Are its brokers well? Their logs say more about it.",
    ),
  };
}

function hopeless(error: NetlearnError): Failure {
  return { passing: false, error };
}

function whereOf({ brokers }: KafkaConnection): string {
  return `Kafka at ${named(brokers)}`;
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
        `${whereOf(scene.connection)} doesn't accept the token of SASL OAUTHBEARER (${one.message})`,
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

/** What a type of the protocol's errors means here. @param said the library's words for it */
type Meaning = (scene: Scene, said: string) => NetlearnError;

const noTopic: Meaning = ({ connection, topics }) =>
  unavailable(
    `${whereOf(connection)} has no topic ${quoted(topics)}`,
    "Is the name right, does it exist yet, and may this client describe it (ACL operation Describe)?",
  );

const topicRefused: Meaning = ({ connection, topics }) =>
  unavailable(
    `${whereOf(connection)} doesn't let ${whoOf(connection.sasl)} read ${quoted(topics)}`,
    "Allow it the operations Describe and Read on the topic: kafka-acls --add --allow-principal User:NAME --operation Read --topic TOPIC.",
  );

const groupRefused: Meaning = ({ connection }) =>
  unavailable(
    `${whereOf(connection)} doesn't let ${whoOf(connection.sasl)} use the consumer group ${JSON.stringify(connection.group)}`,
    "Allow it the operation Read on the group, or choose a group it may use.",
  );

const clusterRefused: Meaning = ({ connection }, said) =>
  unavailable(
    `${whereOf(connection)} doesn't let ${whoOf(connection.sasl)} do that: ${said}`,
    "Allow it to describe the cluster.",
  );

const noLogin: Meaning = ({ connection }) =>
  unavailable(
    `${whereOf(connection)} asks for no credentials on this listener`,
    "Leave the SASL settings out, or give the port of the listener they are for.",
  );

const noCommonVersion: Meaning = ({ connection }, said) =>
  unavailable(
    `${whereOf(connection)} doesn't speak a version of the protocol that netlearn knows: ${said}`,
    "Kafka 0.11 or newer is needed. Is that address a Kafka broker?",
  );

const otherGroup: Meaning = ({ connection }, said) =>
  unavailable(
    `${whereOf(connection)} doesn't let netlearn join the consumer group ${JSON.stringify(connection.group)}: ${said}`,
    "Choose a group that no other program uses.",
  );

const mechanismRefused: Meaning = ({ connection }) =>
  unavailable(
    `${whereOf(connection)} doesn't offer SASL ${connection.sasl?.mechanism.toUpperCase() ?? "without a mechanism"}`,
    "Choose one of the listener's sasl.enabled.mechanisms, or the port of another listener.",
  );

const loginRefused: Meaning = (scene, said) =>
  /mechanism/iu.test(said) && /not (?:supported|enabled)|unsupported/iu.test(said)
    ? mechanismRefused(scene, said)
    : unavailable(
        `${whereOf(scene.connection)} doesn't accept the credentials of ${whoOf(scene.connection.sasl)}`,
        "Check the user name and the password, and that the user exists for this mechanism: one of PLAIN is none of SCRAM.",
      );

const BY_TYPE: ReadonlyMap<string, Meaning> = new Map([
  ["UNKNOWN_TOPIC_OR_PARTITION", noTopic],
  ["INVALID_TOPIC_EXCEPTION", noTopic],
  ["TOPIC_AUTHORIZATION_FAILED", topicRefused],
  ["GROUP_AUTHORIZATION_FAILED", groupRefused],
  ["CLUSTER_AUTHORIZATION_FAILED", clusterRefused],
  ["ILLEGAL_SASL_STATE", noLogin],
  ["UNSUPPORTED_SASL_MECHANISM", mechanismRefused],
  ["SASL_AUTHENTICATION_FAILED", loginRefused],
  ["UNSUPPORTED_VERSION", noCommonVersion],
  ["UNSUPPORTED_FOR_MESSAGE_FORMAT", noCommonVersion],
  ["INCONSISTENT_GROUP_PROTOCOL", otherGroup],
  ["INVALID_GROUP_ID", otherGroup],
  ["GROUP_MAX_SIZE_REACHED", otherGroup],
]);

function byMessage({ name, message }: Facts, scene: Scene): NetlearnError | undefined {
  if (name === "KafkaJSSASLAuthenticationError" || /SASL .*(?:authentication failed|not supported)/u.test(message)) {
    return loginRefused(scene, message);
  }
  if (name === "KafkaJSServerDoesNotSupportApiKey" || message === "API Versions not supported") {
    return noCommonVersion(scene, message);
  }
  // kafkajs asks every broker and keeps what they say to itself.
  return /Group authorization failed/iu.test(scene.lastAnswer) && PASSING_NAMES.has(name)
    ? groupRefused(scene, message)
    : undefined;
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
