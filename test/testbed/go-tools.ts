import path from "node:path";
import { cached, cacheFolder } from "./cache.ts";
import { outcomeOf } from "./command.ts";
import { faultOf, goVersion } from "./go-build.ts";
import type { Absent, Part, Surroundings } from "./part.ts";

/** A program that a public Go module has. */
interface GoTool {
  /** As the program is called. */
  readonly name: string;
  /** Where its main package is. */
  readonly package: string;
  readonly version: string;
}

export const HELM: GoTool = { name: "helm", package: "helm.sh/helm/v3/cmd/helm", version: "v3.21.4" };
export const KUSTOMIZE: GoTool = {
  name: "kustomize",
  package: "sigs.k8s.io/kustomize/kustomize/v5",
  version: "v5.8.1",
};

/** A tool as its module has it, built with `go install` when it is not yet in the cache folder of the testbed. */
export async function goTool(tool: GoTool, { say, environment }: Surroundings): Promise<Part> {
  const { name, version } = tool;
  const building = { ...environment, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-trimpath" };
  const binary = path.join(cacheFolder(environment), `${name}-${version}`);
  const absent = await cached<Absent>(binary, async (unfinished) => {
    const go = await goVersion(unfinished, building);
    if (go.state === "absent") return go;
    say(`${name} ${version}: building, which takes minutes the first time and happens once`);
    const { status, stderr } = await outcomeOf({
      run: ["go", "install", `${tool.package}@${version}`],
      cwd: unfinished,
      environment: { ...building, GOBIN: unfinished },
    });
    const told = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("go: downloading "));
    return status === 0 ? path.join(unfinished, name) : faultOf(name, told);
  });
  return absent ?? { state: "ready", binary };
}
