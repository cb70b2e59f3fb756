import path from "node:path";
import { cached, cacheFolder } from "./cache.ts";
import { outcomeOf } from "./command.ts";
import { faultOf, goVersion } from "./go-build.ts";
import type { Absent, Part, Surroundings } from "./part.ts";

const VERSION = "v3.21.4";

/** Helm as its module has it, built with `go install` when it is not yet in the cache folder of the testbed. */
export async function helmProgram({ say, environment }: Surroundings): Promise<Part> {
  const building = { ...environment, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-trimpath" };
  const binary = path.join(cacheFolder(environment), `helm-${VERSION}`);
  const absent = await cached<Absent>(binary, async (unfinished) => {
    const go = await goVersion(unfinished, building);
    if (go.state === "absent") return go;
    say(`helm ${VERSION}: building, which takes minutes the first time and happens once`);
    const { status, stderr } = await outcomeOf({
      run: ["go", "install", `helm.sh/helm/v3/cmd/helm@${VERSION}`],
      cwd: unfinished,
      environment: { ...building, GOBIN: unfinished },
    });
    const told = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("go: downloading "));
    return status === 0 ? path.join(unfinished, "helm") : faultOf("helm", told);
  });
  return absent ?? { state: "ready", binary };
}
