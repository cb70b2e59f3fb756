import { describe, expect, it } from "vitest";
import { matchTopics } from "../../../src/collectors/kafka/topics.ts";

const NAMES = ["hubble-flows", "hubble.audit", "orders", "orders-dlq"];

describe("patterns of topics", () => {
  it("are names, or regular expressions between slashes that match whole names", () => {
    expect(matchTopics(NAMES, ["orders"])).toEqual(["orders"]);
    expect(matchTopics(NAMES, ["/orders.*/"])).toEqual(["orders", "orders-dlq"]);
    expect(matchTopics(NAMES, ["/orders|hubble-.*/", "orders"])).toEqual(["hubble-flows", "orders"]);
    expect(matchTopics(NAMES, ["hubble.audit"])).toEqual(["hubble.audit"]);
  });

  it.each([
    ["ordres", /no topic "ordres".*there is "orders"/u],
    [
      "hubble",
      /no topic "hubble".*"hubble-flows", "hubble\.audit"|no topic "hubble".*"hubble\.audit", "hubble-flows"/u,
    ],
    ["/hubble/", /none of the 4 topics.*matches \/hubble\/.*hubble-flows/u],
    ["/(/", /"\/\(\/" is no regular expression/u],
    ["payments-of-yesterday", /no topic "payments-of-yesterday" that this client may see$/u],
  ] as const)("say what may have been meant when %s names nothing", (pattern, message) => {
    expect(() => matchTopics(NAMES, ["orders", pattern])).toThrow(
      expect.objectContaining({ code: "NETLEARN_KAFKA_UNAVAILABLE", message: expect.stringMatching(message) }),
    );
  });
});
