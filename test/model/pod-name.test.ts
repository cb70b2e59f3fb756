import { describe, expect, it } from "vitest";
import { readPodName } from "../../src/model/pod-name.ts";

describe("a pod's name", () => {
  it.each([
    ["cart-5d69f8c7b4-x7k2p", "deployment", "cart"],
    ["report-29000000-x7k2p", "cronjob", "report"],
    ["report-1767582000-x7k2p", "cronjob", "report"],
    ["agent-x7k2p", "suffix", "agent"],
    ["db-0", "ordinal", "db"],
    ["bare", "plain", "bare"],
  ])("%s is that of a %s", (name, shape, stem) => {
    expect(readPodName(name)).toEqual({ shape, stem });
  });

  // apimachinery pkg/util/rand SafeEncodeString makes 4 to 9, b, c, d and f of the decimal digits of a hash.
  it.each(["45678945", "456789456", "9876549876"])(
    "with a template's hash of digits only (%s) is a Deployment's",
    (hash) => {
      expect(readPodName(`cart-${hash}-x7k2p`)).toEqual({ shape: "deployment", stem: "cart" });
    },
  );
});
