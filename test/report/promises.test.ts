import { describe, expect, it } from "vitest";
import type { Suggestion } from "../../src/pipeline.ts";
import { explain, type Question } from "../../src/report/explanation.ts";
import { renderExplanation } from "../../src/report/explanation-text.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { renderSummary } from "../../src/report/summary.ts";
import type { TerminalStyle } from "../../src/report/terminal-layout.ts";
import { HOSTILE, someGraph, someSuggestion } from "../support/fixtures.ts";
import { graphWith } from "../synthesizer/build-graph.ts";
import { known, knownOf, policiesWith, promised } from "../synthesizer/promised-traffic.ts";

const graph = graphWith(["shop/frontend -> shop/cart 7070/TCP"]);
const STYLE: TerminalStyle = { width: 1000, colour: false, verbose: true };

function suggestionOf(object: string): Suggestion {
  const traffic = [
    promised("webhooks", "api-server -> shop/cart 8443/TCP", object),
    promised("scrapes", "mon/prom -> shop/cart 9090/TCP", "ServiceMonitor/shop/cart"),
    promised("ingress", "unknown -> shop/frontend 80/TCP", "Ingress/shop/web"),
  ];
  const policies = policiesWith(graph, {
    inferred: { traffic },
    allow: ["webhooks"],
    known: knownOf(graph, known("mon/prom")),
  });
  const { proof } = someSuggestion();
  return someSuggestion({
    graph: someGraph({ workloads: graph.workloads, edges: graph.edges }),
    policies,
    proof: { ...proof, promised: { checked: 1, refused: [] } },
  });
}

const suggestion = suggestionOf("ValidatingWebhookConfiguration/cart");
const markdown = renderMarkdown(suggestion);

function explained(question: Partial<Question>, of: Suggestion = suggestion): string {
  const asked = { from: undefined, to: undefined, port: undefined, protocol: undefined, ...question };
  return renderExplanation(explain(of, asked), of, "asked", STYLE);
}

describe("a rule that rests on an object alone", () => {
  it("says so in the report, at the rule and among its evidence", () => {
    expect(markdown).toContain(
      "from `anyone` on `8443/TCP`; not seen, inferred from `ValidatingWebhookConfiguration/cart`",
    );
    expect(markdown).toMatch(
      /\| ingress \d \| `the API server` \| `8443\/TCP` \| not seen \|.*\| inferred from `ValidatingWebhookConfiguration\/cart` \|/u,
    );
    expect(markdown).toContain("- What is *inferred from* an object was promised by it and not seen");
  });

  it("says in part what was seen in part", () => {
    const traffic = [promised("loadbalancers", "outside-or-nodes -> shop/cart 7070/TCP", "Service/shop/cart")];
    const policies = policiesWith(graph, { inferred: { traffic }, allow: ["loadbalancers"] });
    expect(renderMarkdown({ ...suggestion, policies })).toContain(
      "from `anyone` on `7070/TCP`; partly inferred from `Service/shop/cart`",
    );
  });

  it("names the first of many objects", () => {
    const traffic = ["a", "b", "c", "d", "e"].map((name) =>
      promised("webhooks", "api-server -> shop/cart 8443/TCP", `CustomResourceDefinition/${name}`),
    );
    const policies = policiesWith(graph, { inferred: { traffic }, allow: ["webhooks"] });
    const text = renderMarkdown({ ...suggestion, policies });
    expect(text.match(/`CustomResourceDefinition\/c` and 2 more/gu)).toHaveLength(3);
    expect(text).not.toContain("CustomResourceDefinition/d");
  });

  it("says so when somebody asks for it", () => {
    expect(explained({ to: new Set(["shop/cart"]), port: 8443 })).toContain(
      "the API server -> shop/cart 8443/TCP, inferred from ValidatingWebhookConfiguration/cart: allowed by its kind, not seen (ingress)",
    );
  });

  it("is counted in the summary", () => {
    const summary = renderSummary(suggestion, STYLE);
    expect(summary).toContain(
      "Promised    by the cluster's objects: 3 connections: 1 would be cut; 1 allowed by its kind, not seen; 1 not restricted by these policies",
    );
    expect(summary).toContain("1 of 1 promised connection pass");
  });
});

describe("what an object promises and policies cut", () => {
  it("stands in the report with its object and the choice there is", () => {
    expect(markdown).toContain(
      "| `mon/prom -> shop/cart 9090/TCP` | `ServiceMonitor/shop/cart` | would be cut (ingress) | `--allow scrapes` |",
    );
  });

  it("is told to whoever asks about one of its ends", () => {
    const line =
      "mon/prom -> shop/cart 9090/TCP, inferred from ServiceMonitor/shop/cart: would be cut (ingress); --allow scrapes lets it through";
    expect(explained({ from: new Set(["mon/prom"]) })).toContain(line);
    expect(explained({ to: new Set(["shop/cart"]) })).toContain(line);
    expect(explained({ to: new Set(["shop/frontend"]) })).not.toContain(line);
  });
});

it("nothing is said of promises where no objects are known", () => {
  expect(renderMarkdown(someSuggestion())).not.toMatch(/promise/iu);
  expect(renderSummary(someSuggestion(), STYLE)).not.toMatch(/promise/iu);
});

describe("names from the cluster", () => {
  it("are escaped in every report", () => {
    const hostile = suggestionOf(`Ingress/${HOSTILE}`);
    for (const line of renderMarkdown(hostile)
      .split("\n")
      .filter((text) => text.includes("alert(1)"))) {
      expect(line).not.toMatch(/(?<!`[^`]*)<img/u);
      expect(line).not.toContain("\u202e");
    }
    for (const text of [renderSummary(hostile, STYLE), explained({ to: new Set(["shop/cart"]) }, hostile)]) {
      expect(text).not.toContain("\u001b");
      expect(text).not.toContain("\u202e");
    }
  });
});
