import { DELIVERIES, type ProposeSettings } from "./settings.ts";
import { readChoice } from "./value-syntax.ts";
import type { Values } from "./values.ts";

/** The settings about where proposals go. */
export function readProposeSettings(values: Values): ProposeSettings {
  return {
    repo: values.text("repo") ?? ".",
    baseBranch: values.text("baseBranch"),
    deliver: values.read("deliver", (text, origin) => readChoice(text, origin, DELIVERIES)),
    tokenFile: values.text("tokenFile"),
    githubAppId: values.text("githubAppId"),
    githubAppKeyFile: values.text("githubAppKeyFile"),
    githubApiUrl: values.text("githubApiUrl"),
    repoCache: values.text("repoCache"),
  };
}
