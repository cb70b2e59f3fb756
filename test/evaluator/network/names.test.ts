import { describe, expect, it } from "vitest";
import {
  isDnsLabel,
  isDnsSubdomain,
  isLabelKey,
  isLabelValue,
  isPortName,
} from "../../../src/evaluator/network/names.ts";

/** As long as a name may be, and one character longer. */
const LIMITS = [
  ["a namespace", isDnsLabel, 63],
  ["an object", isDnsSubdomain, 253],
  ["a label's key", isLabelKey, 63],
  ["a label's value", isLabelValue, 63],
  ["a port", isPortName, 15],
] as const;

describe("the names the API server takes", () => {
  it.for(LIMITS)("%s may be named by one character, and by so many and no more", ([, isName, limit]) => {
    expect(["a", "a".repeat(limit), "a".repeat(limit + 1)].map(isName)).toEqual([true, true, false]);
  });

  it.for([
    [isDnsLabel, ["", "-a", "a-", "A", "a.b", "a_b", "ä"]],
    [isDnsSubdomain, ["", ".", "a..b", "-a.b", "a.b-", "A.b", "a/b"]],
    [isLabelKey, ["", "/a", "a/", "a/b/c", "A.b/c", "-a", "a b"]],
    [isLabelValue, ["-a", "a-", "a/b", " "]],
    [isPortName, ["", "-a", "a-", "a--b", "80", "A", "a_b"]],
  ] as const)("%o refuses", ([isName, texts]) => {
    expect(texts.filter(isName)).toEqual([]);
  });

  it.for([
    [isDnsLabel, ["a-b", "0", "a0"]],
    [isDnsSubdomain, ["a.b-c.0"]],
    [isLabelKey, ["a/B_c.d", "kubernetes.io/name", `${"a".repeat(253)}/${"b".repeat(63)}`]],
    [isLabelValue, ["", "A_b.c-d"]],
    [isPortName, ["http", "8a", "a-1"]],
  ] as const)("%o takes", ([isName, texts]) => {
    expect(texts.filter((text) => !isName(text))).toEqual([]);
  });
});
