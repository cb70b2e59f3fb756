import path from "node:path";
import { by } from "../../lib/sort.ts";
import type { Placement, ProposedFile, ProposedManifest, Refusal } from "../../model/placement.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import { CHART_TEMPLATE, CHART_TEMPLATE_FILE, chartObstacle, schemaObstacle } from "./chart.ts";
import { distinctObjects, type Placed } from "./objects.ts";
import { pathObstacle } from "./own-path.ts";
import { spliceValues, VALUES_MARKER, valuesBlock } from "./values-block.ts";

type HelmPlacement = Extract<Placement, { kind: "helm" }>;

/**
 * Writes all that a values file is to bring into its chart: objects as data under the key `netlearn`, and once a chart the
 * template that renders them. Where nothing belongs there any more the key goes, and the template with the last key of the
 * repository. A file that can't be edited safely is refused, and then nothing of this place is changed.
 */
export function placeInChart(
  repository: Repository,
  {
    placement,
    files,
  }: {
    readonly placement: HelmPlacement;
    /** Everything that the values file is to bring, whatever namespace or stage it is of: what is not among it is removed. */
    readonly files: readonly ProposedFile[];
  },
): Placed {
  const { written, refused } = distinctObjects(placement.values, files, {
    obstacle: textObstacle,
    print: (manifest) => valuesBlock([manifest]),
  });
  const template = path.posix.join(placement.chart, CHART_TEMPLATE_FILE);
  const before = repository.files.get(placement.values)?.text;
  const refusal = pathRefusal(repository, { placement, template, written });
  if (refusal !== undefined) return { changes: [], refused: [...refused, refusal] };
  if (written.length === 0 && before === undefined) {
    return {
      changes: templateChange(repository, { template, isUsed: isUsedBesides(repository, placement.values) }),
      refused,
    };
  }
  const splice = spliceValues(before ?? "", written);
  if (splice.kind === "refused") {
    const message = `${placement.values} can't be edited safely: ${splice.because}.`;
    return { changes: [], refused: [...refused, { path: placement.values, message, patch: patchOf(written) }] };
  }
  const isUsed = written.length > 0 || isUsedBesides(repository, placement.values);
  const changes = [
    ...valuesChange(placement.values, before, splice.text),
    ...templateChange(repository, { template, isUsed }),
  ];
  return { changes: changes.toSorted(by((change) => change.path)), refused };
}

function textObstacle(manifest: ProposedManifest): string | undefined {
  return /\\ud[89a-f]/u.test(JSON.stringify(manifest))
    ? "has a name that is no text (half of a surrogate pair)"
    : undefined;
}

interface Plan {
  readonly placement: HelmPlacement;
  readonly template: string;
  readonly written: readonly ProposedManifest[];
}

/** What keeps these paths from being written, whatever is to be done there. */
function pathRefusal(repository: Repository, { placement, template, written }: Plan): Refusal | undefined {
  const refuse = (file: string, because: string | undefined, patch = patchOf(written)): Refusal | undefined =>
    because === undefined ? undefined : { path: file, message: `${file} ${because}.`, patch };
  const values = repository.files.get(placement.values);
  const paths =
    refuse(placement.values, pathObstacle(repository, placement.values)) ??
    refuse(placement.values, values !== undefined && values.text === undefined ? "can't be read" : undefined) ??
    refuse(template, pathObstacle(repository, template)) ??
    refuse(template, templateObstacle(repository, template), CHART_TEMPLATE);
  if (paths !== undefined || written.length === 0) return paths;
  const chart = path.posix.join(placement.chart, "Chart.yaml");
  const schema = path.posix.join(placement.chart, "values.schema.json");
  const file = repository.files.get(schema);
  const because = file === undefined ? undefined : schemaObstacle(file.text ?? "");
  return (
    refuse(chart, chartObstacle(repository.files.get(chart)?.text)) ??
    refuse(schema, because, `Under "properties" of ${schema}:\n  "netlearn": { "type": "object" }\n`)
  );
}

function templateObstacle(repository: Repository, template: string): string | undefined {
  const file = repository.files.get(template);
  if (file === undefined || isOwnTemplate(file.text)) return undefined;
  return "was written or edited by hand";
}

/** A checkout may have turned the ends of lines into CRLF. */
function isOwnTemplate(text: string | undefined): boolean {
  return text?.replaceAll("\r\n", "\n") === CHART_TEMPLATE;
}

function valuesChange(file: string, before: string | undefined, text: string): FileChange[] {
  return before === text ? [] : [{ kind: "write", path: file, text, before, owner: "person" }];
}

function templateChange(
  repository: Repository,
  { template, isUsed }: { readonly template: string; readonly isUsed: boolean },
): FileChange[] {
  const before = repository.files.get(template)?.text;
  if (before === undefined) {
    return isUsed ? [{ kind: "write", path: template, text: CHART_TEMPLATE, before, owner: "netlearn" }] : [];
  }
  return isUsed ? [] : [{ kind: "delete", path: template, before, owner: "netlearn" }];
}

/** Values files of a chart lie anywhere: its template goes when no file but this one has a key of ours. */
function isUsedBesides(repository: Repository, values: string): boolean {
  return [...repository.files.values()].some(
    (file) => file.path !== values && file.text?.includes(VALUES_MARKER) === true,
  );
}

/** Text to write by hand; empty where the key is to go. */
function patchOf(written: readonly ProposedManifest[]): string {
  return written.length === 0 ? "" : valuesBlock(written);
}
