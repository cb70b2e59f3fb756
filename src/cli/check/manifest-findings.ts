import { isDeepStrictEqual } from "node:util";
import { findingOf, placeOf } from "../../evaluator/review/finding.ts";
import type { Inventory } from "../../inventory/manifests/inventory.ts";
import type { ManifestProblem } from "../../inventory/manifests/manifest-problem.ts";
import { pathText } from "../../inventory/manifests/text-fields.ts";
import type { CheckFinding } from "../../model/check-finding.ts";
import type { Severity } from "../../model/finding.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import type { Source } from "./sources.ts";

const SEVERITIES: Readonly<Record<ManifestProblem["code"], Severity>> = {
  "directory-loop": "info",
  "manifest-unparsable": "error",
  "manifest-unreadable": "error",
  "template-not-rendered": "warning",
};

/** What is wrong with manifests before anybody asks what they mean. */
export function manifestFindings({ problems, inventory }: Source): readonly CheckFinding[] {
  return [
    ...problems.map(problemFinding),
    ...inventory.replaced.map(({ object, by }) => duplicateFinding(object, by)),
    ...inventory.incomplete.map(incompleteFinding),
    ...inventory.misread.map(misreadFinding),
    ...inventory.otherEngines.map(otherEngineFinding),
  ];
}

function problemFinding({ code, file, line, message, choice, excerpt }: ManifestProblem): CheckFinding {
  const text = excerpt === undefined ? message : `${message}\n${excerpt.replaceAll("\t", " ")}`;
  return findingOf({
    code,
    severity: SEVERITIES[code],
    about: file,
    message: text,
    choice,
    place: { file, line },
    detail: code === "manifest-unparsable" ? message : "",
  });
}

function duplicateFinding(object: ManifestObject, by: ManifestObject): CheckFinding {
  const name = nameOf(object);
  const isEqual = isDeepStrictEqual(object.value, by.value);
  return findingOf({
    code: "duplicate-object",
    severity: isEqual ? "warning" : "error",
    about: name,
    message: isEqual
      ? `${name} is written twice, the same way`
      : `${name} is written twice, and not the same way: in a cluster the one applied last counts, here ${by.file}:${by.lineOf([])}`,
    choice: "Remove one of them, or check the directories that are applied together and no others.",
    place: placeOf(object, ["metadata", "name"]),
    related: [{ place: placeOf(by, ["metadata", "name"]), text: "the other one" }],
    detail: "",
  });
}

function incompleteFinding({ object, path, problem }: Inventory["incomplete"][number]): CheckFinding {
  return findingOf({
    code: "workload-incomplete",
    severity: "warning",
    about: nameOf(object),
    message: `${nameOf(object)}: ${problem}; it was left out`,
    choice: "Mend it, or give it rendered if something else completes it.",
    place: placeOf(object, path),
    detail: problem,
  });
}

function misreadFinding({ object, path, what, misread }: Inventory["misread"][number]): CheckFinding {
  const { written, byKubectl, byYaml12 } = misread;
  const isKey = what === "key";
  const [here, elsewhere] = [byKubectl, byYaml12].map((value) => JSON.stringify(isKey ? String(value) : value));
  const numbers = [byKubectl, byYaml12].filter((value) => typeof value === "number").join(" or ");
  return findingOf({
    code: "value-misread",
    severity: "warning",
    about: nameOf(object),
    message: `${nameOf(object)}: ${pathText(isKey ? path.slice(0, -1) : path)}: ${isKey ? `the key ${written}` : written} is ${here} to kubectl, which reads YAML 1.1, and ${elsewhere} to YAML 1.2`,
    choice: isKey ? `Put it in quotes: ${JSON.stringify(written)}.` : `Write the number that is meant: ${numbers}.`,
    place: placeOf(object, path),
    detail: `${pathText(path)} ${written}`,
  });
}

function otherEngineFinding(object: ManifestObject): CheckFinding {
  return findingOf({
    code: "other-engine",
    severity: "info",
    about: nameOf(object),
    message: `${nameOf(object)} (${object.apiVersion}) is not evaluated: it may allow or deny what NetworkPolicies do not`,
    choice: "Keep in mind that verdicts are those of NetworkPolicies alone.",
    place: placeOf(object, []),
    detail: object.apiVersion,
  });
}

function nameOf({ kind, namespace, name }: ManifestObject): string {
  const shown = name ?? "(without a name)";
  return kind === "Namespace" ? `${kind} ${shown}` : `${kind} ${namespace}/${shown}`;
}
