import { NetlearnError } from "../lib/errors.ts";
import type { Target } from "./connect-options.ts";
import { textOf } from "./fields.ts";

// Codes of node:tls for certificates that are not believed.
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

// A connection that broke, as opposed to one that can't be.
const PASSING_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "EAI_AGAIN", "ECONNABORTED"]);

/** The code of a Node error; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** True for a failure of the network that may be gone in a moment. */
export function isPassing(error: unknown): boolean {
  return PASSING_CODES.has(codeOf(error));
}

/** The server of a target, without the credentials that an address can hold. */
export function hostOf({ server }: Target): string {
  return new URL(server).host;
}

/** What to say when no answer came. */
export function connectionError(target: Target, error: unknown): NetlearnError {
  const code = codeOf(error);
  const host = hostOf(target);
  const where = `the API server of ${JSON.stringify(target.name)} (${host})`;
  const unreadable = (message: string, hint: string): NetlearnError =>
    new NetlearnError("NETLEARN_INPUT_UNREADABLE", message, { hint, cause: error });
  if (CERTIFICATE_CODES.has(code)) {
    return unreadable(
      `the certificate of ${where} can't be trusted: ${reasonOf(error)}`,
      code === "ERR_TLS_CERT_ALTNAME_INVALID"
        ? "Is it the right address? If the server is reached by another name, give the kubeconfig its tls-server-name."
        : "Is something in between? If the cluster's certificates were renewed, fetch its kubeconfig again.",
    );
  }
  if (code.startsWith("ERR_SSL") || code.startsWith("ERR_OSSL") || code === "EPROTO") {
    return unreadable(
      `no TLS connection with ${where}: ${reasonOf(error)}`,
      "Is it the right address and port, and do the client's certificate and key in the kubeconfig fit?",
    );
  }
  return unreadable(
    `${where} can't be reached: ${reasonOf(error)}`,
    "Does kubectl reach it from here (kubectl version)? A proxy on the way is named in the kubeconfig (proxy-url) or, for Node 22.21 and newer, in HTTPS_PROXY.",
  );
}

function reasonOf(error: unknown): string {
  // Both families of an address refused: the reasons are inside, the outer message is empty.
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join("; ");
  if (!(error instanceof Error)) return String(error);
  // OpenSSL's message has source files and line numbers in it.
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : error.message;
  return reason === "" ? codeOf(error) : reason;
}

/** What to say when credentials can't be had. Nothing of what a plugin printed to its standard output is shown. */
export function credentialError({ name, plugin }: Target, error: unknown): NetlearnError {
  const code = codeOf(error);
  const context = `context ${JSON.stringify(name)}`;
  if (plugin !== undefined) {
    const what = `the credential plugin ${JSON.stringify(plugin.command)} of ${context}`;
    const problem = isSpawnError(error)
      ? `can't be started (${code})`
      : // A syntax error of JSON quotes the text, which may be a token.
        error instanceof SyntaxError || error instanceof TypeError
        ? "printed no ExecCredential"
        : `failed: ${firstLine(error)}`;
    return new NetlearnError("NETLEARN_INPUT_UNREADABLE", `${what} ${problem}`, {
      hint: plugin.installHint ?? "Run a kubectl command with this context: it uses the same plugin.",
    });
  }
  const problem = error instanceof SyntaxError ? "the answer about it can't be read" : firstLine(error);
  return new NetlearnError("NETLEARN_INPUT_UNREADABLE", `the credentials of ${context} can't be had: ${problem}`, {
    hint: "Mend the user in the kubeconfig, log in again, or choose another --context.",
  });
}

function isSpawnError(error: unknown): boolean {
  return error instanceof Error && (textOf(error, "syscall") ?? "").startsWith("spawn");
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split("\n").find((one) => one.trim() !== "");
  return line === undefined ? "it said nothing" : line.trim().slice(0, 300);
}

/** What to say when the server does not know who asks. @param message the server's own, or nothing */
export function refusedCredentials(target: Target, message: string): NetlearnError {
  const user = target.userName === undefined ? "" : ` of user ${JSON.stringify(target.userName)}`;
  const said = message === "" ? "" : `: ${message}`;
  return new NetlearnError(
    "NETLEARN_INPUT_UNREADABLE",
    `the API server of ${JSON.stringify(target.name)} (${hostOf(target)}) doesn't accept the credentials${user} (401)${said}`,
    {
      hint: "A token may have expired: log in again or fetch a new kubeconfig, then try kubectl auth whoami; or choose another --context.",
    },
  );
}

/** What to say when something other than an API server answers. @param what it sent */
export function notKubernetes(target: Target, what: string): NetlearnError {
  return new NetlearnError(
    "NETLEARN_INPUT_UNREADABLE",
    `what answers at ${hostOf(target)} (context ${JSON.stringify(target.name)}) is no Kubernetes API server: ${what}`,
    {
      hint: "A proxy or login page in between? Log in there, mend `server` in the kubeconfig, or name the proxy (proxy-url).",
    },
  );
}
