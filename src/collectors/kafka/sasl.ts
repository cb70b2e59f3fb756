import type { AuthenticationProviderArgs, Authenticator, KafkaConfig, SASLOptions } from "kafkajs";
import { NetlearnError } from "../../lib/errors.ts";
import type { KafkaSasl } from "./port.ts";

type SaslConfig = Exclude<KafkaConfig["sasl"], undefined>;
type PasswordSasl = Exclude<KafkaSasl, { mechanism: "oauthbearer" }>;
type PasswordConfig = Extract<SASLOptions, { mechanism: PasswordSasl["mechanism"] }>;
type Provider = (args: AuthenticationProviderArgs) => Authenticator;

/** The broker's answer to a token it does not take. */
export class TokenRefused extends Error {
  /** What kafkajs looks at before it tries again. */
  readonly retriable = false;
}

/** A password or token that could not be read; the reason is the reader's own. */
export class SecretUnreadable extends Error {
  readonly retriable = false;
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("the secret could not be read");
    this.reason = reason;
  }
}

/** How kafkajs proves who it is. Passwords and tokens are read for each connection anew, since they may be renewed. */
export function saslConfig(sasl: KafkaSasl): SaslConfig {
  return sasl.mechanism === "oauthbearer" ? bearerConfig(sasl.token) : passwordConfig(sasl);
}

/**
 * kafkajs takes a password, not a function that reads it. But it keeps the authenticator it makes of these options in
 * them, under the name it looks for one of the caller's, so that the password can be filled in before each use.
 */
function passwordConfig({ mechanism, username, password }: PasswordSasl): SaslConfig {
  const config = options(mechanism, username);
  let builtIn: Provider | undefined;
  const provider: Provider = (args) => ({
    authenticate: async () => {
      config.password = await readSecret(password);
      await builtIn?.(args).authenticate();
    },
  });
  Object.defineProperty(config, "authenticationProvider", {
    get: () => (builtIn === undefined ? undefined : provider),
    set: (made: Provider) => {
      builtIn = made;
    },
  });
  return config;
}

function options(mechanism: PasswordSasl["mechanism"], username: string): PasswordConfig {
  switch (mechanism) {
    case "plain":
      return { mechanism, username, password: "" };
    case "scram-sha-256":
      return { mechanism, username, password: "" };
    case "scram-sha-512":
      return { mechanism, username, password: "" };
  }
}

/** kafkajs' own takes any answer for a "yes"; a broker that says no answers with JSON (RFC 7628, section 3.2.2). */
function bearerConfig(token: () => Promise<string>): SaslConfig {
  const provider: Provider = ({ saslAuthenticate }) => ({
    authenticate: async () => {
      const text = `n,,\u0001auth=Bearer ${await readSecret(token)}\u0001\u0001`;
      const answer = await saslAuthenticate({
        request: { encode: () => withLength(text) },
        response: { decode: (raw) => raw.subarray(4), parse: (bytes) => bytes.toString() },
      });
      if (typeof answer === "string" && answer !== "") {
        throw new TokenRefused(/"status"\s*:\s*"([\w-]{1,40})"/u.exec(answer)?.[1] ?? "no reason given");
      }
    },
  });
  return { mechanism: "oauthbearer", authenticationProvider: provider };
}

async function readSecret(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof NetlearnError ? new SecretUnreadable(error) : new SecretUnreadable(undefined);
  }
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  const framed = Buffer.alloc(4 + bytes.length);
  framed.writeUInt32BE(bytes.length);
  bytes.copy(framed, 4);
  return framed;
}
