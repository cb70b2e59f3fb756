import { connect as connectPlain, isIP } from "node:net";
import type { SecureContext } from "node:tls";
import { connect as connectTls, createSecureContext, getCACertificates } from "node:tls";
import type { ISocketFactory } from "kafkajs";
import { NetlearnError } from "../../lib/errors.ts";
import type { KafkaTls } from "./port.ts";

/** What was seen of the last connection to an address. */
export interface SocketStory {
  /** `host:port`, as the operator or the cluster named it. */
  readonly address: string;
  /** Whether the connection came about, and with it TLS where it is used. */
  opened: boolean;
  /** Whether it is over, whoever ended it. */
  ended: boolean;
  /** Bytes the broker sent. */
  received: number;
  /** True when a plain connection was answered with a TLS alert. */
  answeredInTls: boolean;
  /** The code and the words of what ended it, as Node has them. */
  code: string | undefined;
  message: string | undefined;
}

const KEEP_ALIVE_MS = 60_000;
const TLS_ALERT = 0x15;

/**
 * Opens the connections of kafkajs and remembers how they went, which kafkajs tells only in part. It also does what
 * kafkajs can't: addresses of IPv6, and a name to expect in certificates.
 */
export class Sockets {
  readonly #tls: { readonly context: SecureContext; readonly serverName: string | undefined } | undefined;
  readonly #stories = new Map<string, SocketStory>();
  readonly #aliases = new Map<string, string>();
  /** The brokers as kafkajs can read them: it takes `host:port` apart at the first colon. */
  readonly brokers: string[];

  /** @throws NetlearnError NETLEARN_KAFKA_UNAVAILABLE when an address or a PEM text can't be read */
  constructor(brokers: readonly string[], tls: KafkaTls | undefined) {
    this.#tls = tls === undefined ? undefined : { context: secureContext(tls), serverName: tls.serverName };
    this.brokers = brokers.map((broker) => this.#readable(broker));
  }

  /** How the connections went, one an address. */
  get stories(): readonly SocketStory[] {
    return [...this.#stories.values()];
  }

  readonly factory: ISocketFactory = ({ host: alias, port, onConnect }) => {
    const host = this.#aliases.get(alias) ?? alias;
    const address = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
    const story: SocketStory = {
      address,
      opened: false,
      ended: false,
      received: 0,
      answeredInTls: false,
      code: undefined,
      message: undefined,
    };
    this.#stories.set(address, story);
    const opened = (): void => {
      story.opened = true;
      onConnect();
    };
    const socket =
      this.#tls === undefined ? connectPlain({ host, port }, opened) : this.#connectTls(host, port, opened);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("data", (bytes: Buffer) => {
      story.answeredInTls ||=
        this.#tls === undefined && story.received === 0 && bytes[0] === TLS_ALERT && bytes[1] === 3;
      story.received += bytes.length;
    });
    const ended = (): void => {
      story.ended = true;
    };
    socket.once("end", ended);
    socket.once("close", ended);
    socket.once("error", (error: Error) => {
      story.code = "code" in error && typeof error.code === "string" ? error.code : undefined;
      story.message = reasonOf(error);
    });
    return socket;
  };

  #connectTls(host: string, port: number, opened: () => void): ReturnType<typeof connectTls> {
    const name = this.#tls?.serverName ?? (isIP(host) === 0 ? host : undefined);
    return connectTls(
      { host, port, secureContext: this.#tls?.context, ...(name === undefined ? {} : { servername: name }) },
      opened,
    );
  }

  #readable(broker: string): string {
    const [, literal, name, port] = /^(?:\[([\da-fA-F:.%\w]+)\]|([^:[\]\s]+)):(\d{1,5})$/u.exec(broker) ?? [];
    if (port === undefined || Number(port) > 65_535 || Number(port) === 0) {
      throw new NetlearnError(
        "NETLEARN_KAFKA_UNAVAILABLE",
        `${JSON.stringify(broker)} is no address of a Kafka broker`,
        {
          hint: "Write host:port, with brackets around an IPv6 address: kafka.shop:9092, [fd00::7]:9092.",
        },
      );
    }
    if (literal === undefined) {
      return `${name}:${port}`;
    }
    const alias = `ipv6-${this.#aliases.size}.invalid`;
    this.#aliases.set(alias, literal);
    return `${alias}:${port}`;
  }
}

function secureContext({ ca, certificate, key }: KafkaTls): SecureContext {
  requireCertificate(ca, "the file of certificate authorities");
  requireCertificate(certificate, "the client's certificate");
  try {
    return createSecureContext({
      ca: ca ?? [...getCACertificates("default"), ...getCACertificates("system")],
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (error) {
    throw new NetlearnError(
      "NETLEARN_KAFKA_UNAVAILABLE",
      `the certificates for Kafka can't be used: ${error instanceof Error ? reasonOf(error) : "OpenSSL refused them"}`,
      { hint: "Give PEM files, an unencrypted key among them, and a certificate and key that belong together." },
    );
  }
}

function requireCertificate(pem: string | undefined, what: string): void {
  if (pem !== undefined && !pem.includes("-----BEGIN")) {
    throw new NetlearnError("NETLEARN_KAFKA_UNAVAILABLE", `${what} for Kafka holds no certificate in PEM`, {
      hint: "PEM begins with -----BEGIN CERTIFICATE-----; convert DER with openssl x509, a Java store with keytool.",
    });
  }
}

/**
 * OpenSSL's messages have source files and line numbers in them, both families refused have an empty one, and Node's
 * advice about its own options is for others.
 */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) {
    return [...new Set(error.errors.map((one) => (one instanceof Error ? reasonOf(one) : String(one))))].join("; ");
  }
  const said = "reason" in error && typeof error.reason === "string" ? error.reason : error.message;
  return said.replace(/; if the root CA is installed locally.*$/u, "");
}
