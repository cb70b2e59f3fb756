/** How git proves who it is, over HTTPS. */
export interface GitCredentials {
  /** `https://github.com`: nobody else gets them. */
  readonly origin: string;
  /** `x-access-token` for GitHub's tokens. */
  readonly user: string;
  readonly token: string;
}

/** What of a place decides the environment. */
interface EnvironmentOf {
  readonly userConfig: boolean;
  /** The process's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly credentials?: GitCredentials;
  readonly gitDir?: string;
}

/** Variables of git that say how to reach a remote. All others are left out: a hook's GIT_DIR would lead elsewhere. */
const KEPT = new Set([
  "GIT_ASKPASS",
  "GIT_EXEC_PATH",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_SSH_VARIANT",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "GIT_SSL_CERT",
  "GIT_SSL_KEY",
]);

/** Nothing of a repository is run, nothing is started in the background, and nothing is signed with a person's key. */
const ALWAYS: readonly (readonly [string, string])[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["commit.gpgSign", "false"],
  ["push.gpgSign", "false"],
  ["push.pushOption", ""],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["push.recurseSubmodules", "no"],
];

/**
 * The environment git runs in.
 *
 * @returns secrets besides: every spelling in which git could repeat them
 */
export function gitEnvironment(place: EnvironmentOf): {
  readonly environment: NodeJS.ProcessEnv;
  readonly secrets: readonly string[];
} {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(place.env)) {
    if (!name.startsWith("GIT_") || KEPT.has(name)) environment[name] = value;
  }
  const settings = [...ALWAYS];
  const secrets: string[] = [];
  if (place.credentials !== undefined) {
    const { origin, user, token } = place.credentials;
    const basic = Buffer.from(`${user}:${token}`).toString("base64");
    secrets.push(token, basic);
    // A person's credential helper must not answer in place of the token, nor store it.
    settings.push(["credential.helper", ""], [`http.${origin}/.extraHeader`, `Authorization: Basic ${basic}`]);
    // Git goes on with the same headers wherever a server sends it.
    settings.push(["http.followRedirects", "false"]);
  }
  if (place.gitDir !== undefined) environment["GIT_DIR"] = place.gitDir;
  if (!place.userConfig) Object.assign(environment, { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" });
  for (const [index, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  Object.assign(environment, {
    GIT_CONFIG_COUNT: String(settings.length),
    GIT_TERMINAL_PROMPT: "0",
    // No ext::, no git://; plain http is refused by the check of the address unless it stays on this machine.
    GIT_ALLOW_PROTOCOL: "https:http:ssh:file",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    // What a partial clone has not is fetched on purpose and in one go, never one by one behind our back.
    GIT_NO_LAZY_FETCH: "1",
    LC_ALL: "C",
  });
  return { environment, secrets };
}
