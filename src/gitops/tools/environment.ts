import path from "node:path";

/** Variables without which programs do not start, on Windows most of all. */
const KEPT = ["PATH", "Path", "PATHEXT", "SystemRoot", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP"];

/** Where nobody listens: what is asked of the network fails at once. */
const NOWHERE = "http://127.0.0.1:9";

/**
 * The environment that tools run in: nobody's settings, plugins, clusters or secrets, and no way to the network.
 *
 * @param env the process's own
 * @param home an empty folder
 */
export function toolEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Record<string, string> {
  const kept = KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  const inside = (name: string) => path.join(home, name);
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    XDG_CACHE_HOME: inside("cache"),
    XDG_CONFIG_HOME: inside("config"),
    XDG_DATA_HOME: inside("data"),
    HELM_CACHE_HOME: inside("helm-cache"),
    HELM_CONFIG_HOME: inside("helm-config"),
    HELM_DATA_HOME: inside("helm-data"),
    HELM_PLUGINS: inside("helm-plugins"),
    HELM_REPOSITORY_CACHE: inside("helm-repositories"),
    HELM_REPOSITORY_CONFIG: inside("helm-repositories.yaml"),
    KUSTOMIZE_PLUGIN_HOME: inside("kustomize-plugins"),
    KUBECONFIG: inside("kubeconfig"),
    KUBERC: "off",
    TF_CLI_CONFIG_FILE: inside("terraform.rc"),
    CHECKPOINT_DISABLE: "1",
    TF_IN_AUTOMATION: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_TERMINAL_PROMPT: "0",
    HTTP_PROXY: NOWHERE,
    HTTPS_PROXY: NOWHERE,
    http_proxy: NOWHERE,
    https_proxy: NOWHERE,
    ALL_PROXY: NOWHERE,
    NO_PROXY: "",
    // A program of Go that ends after a tenth of a second spends a third of it collecting garbage.
    GOGC: "400",
    LC_ALL: "C",
  };
}
