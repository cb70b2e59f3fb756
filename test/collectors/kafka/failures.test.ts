import { describe, expect, it } from "vitest";
import { explain, type Scene } from "../../../src/collectors/kafka/failures.ts";
import type { SocketStory } from "../../../src/collectors/kafka/sockets.ts";

const SCENE: Scene = {
  connection: {
    brokers: ["a:9092", "b:9092"],
    clientId: "netlearn",
    group: "learners",
    rack: undefined,
    tls: undefined,
    sasl: undefined,
  },
  topics: ["flows"],
  stories: [],
  lastAnswer: "",
};

/** An error as kafkajs makes them: what the protocol says is in the innermost. */
function protocolError(type: string, retriable = false): Error {
  const inner = Object.assign(new Error(`the broker says ${type}`), { type, retriable, name: "KafkaJSProtocolError" });
  return new Error("the number of retries is exceeded", { cause: inner });
}

function story(address: string, what: Partial<SocketStory>): SocketStory {
  const nothing = {
    opened: false,
    ended: true,
    received: 0,
    answeredInTls: false,
    code: undefined,
    message: undefined,
  };
  return { address, ...nothing, ...what };
}

describe("failures of Kafka", () => {
  it.each([
    ["UNKNOWN_TOPIC_OR_PARTITION", /Kafka at a:9092, b:9092 has no topic "flows"/u],
    ["TOPIC_AUTHORIZATION_FAILED", /doesn't let a client without credentials read "flows"/u],
    ["GROUP_AUTHORIZATION_FAILED", /use the consumer group "learners"/u],
    ["UNSUPPORTED_SASL_MECHANISM", /doesn't offer SASL/u],
    ["SASL_AUTHENTICATION_FAILED", /doesn't accept the credentials/u],
    ["UNSUPPORTED_VERSION", /doesn't speak a version of the protocol/u],
    ["INCONSISTENT_GROUP_PROTOCOL", /join the consumer group "learners"/u],
  ] as const)("are told by what the protocol says: %s", (type, message) => {
    const { passing, error } = explain(protocolError(type, true), SCENE);
    expect(passing).toBe(false);
    expect(error).toMatchObject({ code: "NETLEARN_KAFKA_UNAVAILABLE", hint: expect.any(String) });
    // What a library keeps in its errors is not known for good: secrets, maybe.
    expect(error.cause).toBeUndefined();
    expect(error.message).toMatch(message);
  });

  it("may pass when kafkajs would try again, or brokers are away", () => {
    expect(explain(protocolError("LEADER_NOT_AVAILABLE", true), SCENE).passing).toBe(true);
    expect(explain(protocolError("CORRUPT_MESSAGE"), SCENE).passing).toBe(false);
    const away = { ...SCENE, stories: [story("a:9092", { code: "ECONNREFUSED", message: "refused" })] };
    const { passing, error } = explain(new Error("Connection error"), away);
    expect(passing).toBe(true);
    expect(error.message).toBe("Kafka at a:9092 can't be reached: refused");
  });

  it("are told by what stays, when one broker is away and another has a certificate nobody trusts", () => {
    const tls = { ca: undefined, certificate: undefined, key: undefined, serverName: undefined };
    const stories = [
      story("a:9092", { code: "ECONNREFUSED", message: "refused" }),
      story("b:9092", { code: "CERT_HAS_EXPIRED", message: "certificate has expired" }),
    ];
    const { passing, error } = explain(new Error("Connection error"), {
      ...SCENE,
      connection: { ...SCENE.connection, tls },
      stories,
    });
    expect(passing).toBe(false);
    expect(error.message).toBe("Kafka at b:9092 has a certificate that is not trusted: certificate has expired");
    expect(error.hint).toMatch(/Renew/u);
  });

  it("of the group are found in what kafkajs only logs", () => {
    const notFound = Object.assign(new Error("Failed to find group coordinator"), {
      name: "KafkaJSGroupCoordinatorNotFound",
    });
    expect(explain(notFound, SCENE).passing).toBe(true);
    const refused = { ...SCENE, lastAnswer: "Not authorized to access group: Group authorization failed" };
    expect(explain(notFound, refused).error.message).toMatch(/use the consumer group "learners"/u);
  });
});
