import { requestToken } from "../collectors/kafka/oauth-token.ts";
import type { KafkaConnection, KafkaSasl, KafkaTls } from "../collectors/kafka/port.ts";
import { NetlearnError } from "../lib/errors.ts";
import { readPemFile, readSecretFile } from "./secret-file.ts";
import type { CollectSettings } from "./settings.ts";

/** Where secrets and files are looked for. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Secrets are no flags, since everyone on a machine sees the flags of its processes. */
const PASSWORD_VARIABLE = "NETLEARN_SASL_PASSWORD";
const CLIENT_SECRET_VARIABLE = "NETLEARN_SASL_CLIENT_SECRET";

/**
 * How to reach the Kafka cluster that the settings mean. Secrets are read when they are needed, each time anew: files that
 * hold them are replaced while a run goes on.
 *
 * @throws NetlearnError `NETLEARN_USAGE` when something is missing or has no meaning without something else;
 *   `NETLEARN_KAFKA_UNAVAILABLE` when a certificate can't be read
 */
export async function kafkaConnection(settings: CollectSettings, surroundings: Surroundings): Promise<KafkaConnection> {
  const { brokers, group, clientRack, sessionTimeout } = settings;
  if (brokers.length === 0) {
    throw usage(
      "there is no broker to ask",
      "Name some with --brokers HOST:PORT or NETLEARN_BROKERS; --from-files reads files instead.",
    );
  }
  return {
    brokers,
    clientId: "netlearn",
    group,
    rack: clientRack,
    sessionTimeout,
    // Before files are read: what the command line lacks is said first.
    sasl: saslOf(settings, surroundings),
    tls: settings.tls ? await tlsOf(settings, surroundings) : undefined,
  };
}

async function tlsOf(
  { tlsCa, tlsCert, tlsKey, tlsServerName }: CollectSettings,
  { cwd }: Surroundings,
): Promise<KafkaTls> {
  const read = async (file: string | undefined, what: string): Promise<string | undefined> =>
    file === undefined ? undefined : await readPemFile(file, cwd, what);
  return {
    ca: await read(tlsCa, "the authorities of --tls-ca"),
    certificate: await read(tlsCert, "the certificate of --tls-cert"),
    key: await read(tlsKey, "the key of --tls-key"),
    serverName: tlsServerName,
  };
}

function saslOf(settings: CollectSettings, surroundings: Surroundings): KafkaSasl | undefined {
  const { sasl } = settings;
  if (sasl === undefined) {
    refuseStray(settings);
    return undefined;
  }
  if (sasl === "oauthbearer") return { mechanism: sasl, token: tokenOf(settings, surroundings) };
  const username = settings.saslUsername;
  if (username === undefined) throw usage(`--sasl ${sasl} needs a user`, "Name it with --sasl-username.");
  return { mechanism: sasl, username, password: passwordOf(settings, surroundings) };
}

/** Credentials that nobody asks for are a mistake that would end in "not authorised". */
function refuseStray(settings: CollectSettings): void {
  const stray = [
    ["--sasl-username", settings.saslUsername],
    ["--sasl-password-file", settings.saslPasswordFile],
    ["--sasl-token-file", settings.saslTokenFile],
    ["--sasl-token-url", settings.saslTokenUrl],
    ["--sasl-client-id", settings.saslClientId],
    ["--sasl-client-secret-file", settings.saslClientSecretFile],
  ].find(([, value]) => value !== undefined);
  if (stray === undefined) return;
  throw usage(
    `${stray[0] ?? ""} is of no use without --sasl`,
    "Say how to log in: --sasl plain, scram-sha-256, scram-sha-512 or oauthbearer.",
  );
}

function passwordOf({ sasl, saslPasswordFile }: CollectSettings, { env, cwd }: Surroundings): () => Promise<string> {
  if (saslPasswordFile !== undefined) {
    return async () => await readSecretFile(saslPasswordFile, cwd, "the password of --sasl-password-file");
  }
  const password = env[PASSWORD_VARIABLE];
  if (password !== undefined && password !== "") return async () => password;
  throw usage(
    `--sasl ${sasl ?? ""} needs a password`,
    `Put it into a file and name that with --sasl-password-file, or into the variable ${PASSWORD_VARIABLE}.`,
  );
}

function tokenOf(settings: CollectSettings, { env, cwd }: Surroundings): () => Promise<string> {
  const { saslTokenFile, saslTokenUrl, saslClientId, saslClientSecretFile, saslScope } = settings;
  if (saslTokenFile !== undefined && saslTokenUrl !== undefined) {
    throw usage("--sasl-token-file and --sasl-token-url contradict each other", "Give one of them.");
  }
  if (saslTokenFile !== undefined) {
    return async () => await readSecretFile(saslTokenFile, cwd, "the token of --sasl-token-file");
  }
  const secret = env[CLIENT_SECRET_VARIABLE];
  const hasSecret = saslClientSecretFile !== undefined || (secret !== undefined && secret !== "");
  if (saslTokenUrl === undefined || saslClientId === undefined || !hasSecret) {
    throw usage(
      "--sasl oauthbearer needs a token",
      `Give --sasl-token-file, or --sasl-token-url with --sasl-client-id and --sasl-client-secret-file (or ${CLIENT_SECRET_VARIABLE}).`,
    );
  }
  return async () => {
    const clientSecret =
      saslClientSecretFile === undefined
        ? (secret ?? "")
        : await readSecretFile(saslClientSecretFile, cwd, "the secret of --sasl-client-secret-file");
    return await requestToken({ url: saslTokenUrl, clientId: saslClientId, clientSecret, scope: saslScope });
  };
}

function usage(problem: string, hint: string): NetlearnError {
  return new NetlearnError("NETLEARN_USAGE", `netlearn collect: ${problem}`, { hint });
}
