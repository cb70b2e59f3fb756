import type { KafkaConnection } from "./port.ts";
import type { SocketStory } from "./sockets.ts";
import type { Failure } from "./unavailable.ts";
import { named, unavailable } from "./unavailable.ts";

/** What is wrong with a connection, in words that follow its address. */
interface Reading {
  readonly passing: boolean;
  readonly what: string;
  readonly hint: string;
}

/** What the connections themselves tell about a failure; undefined when all of them went well. */
export function socketFailure(connection: KafkaConnection, stories: readonly SocketStory[]): Failure | undefined {
  const readings = stories.flatMap((story) => {
    const reading = readStory(story, connection);
    return reading === undefined ? [] : [{ ...reading, address: story.address }];
  });
  // What trying again doesn't mend tells more than a broker that is away.
  const telling = readings.find(({ passing }) => !passing) ?? readings[0];
  if (telling === undefined) {
    return undefined;
  }
  const alike = readings.filter(({ hint, passing }) => hint === telling.hint && passing === telling.passing);
  const what = Map.groupBy(alike, (reading) => reading.what);
  const sentences = [...what].map(([words, some]) => `${named(some.map(({ address }) => address))} ${words}`);
  return { passing: telling.passing, error: unavailable(`Kafka at ${sentences.join("; ")}`, telling.hint) };
}

function readStory(story: SocketStory, connection: KafkaConnection): Reading | undefined {
  if (story.answeredInTls) {
    return WANTS_TLS;
  }
  if (story.code !== undefined || story.message !== undefined) {
    return readError(story, connection);
  }
  if (!story.ended) {
    return story.opened ? undefined : SILENT;
  }
  if (story.received === 0) {
    return connection.tls === undefined ? MAY_WANT_TLS : CLOSED;
  }
  return connection.sasl === undefined ? WANTS_SASL : CLOSED;
}

function readError(story: SocketStory, { tls }: KafkaConnection): Reading {
  const code = story.code ?? "";
  const said = story.message ?? code;
  if (tls !== undefined) {
    const reading = readTlsError(code, said, story.opened);
    if (reading !== undefined) {
      return reading;
    }
  }
  return code === "ECONNRESET" && story.received === 0 && story.opened && tls === undefined
    ? MAY_WANT_TLS
    : { passing: true, what: `can't be reached: ${said}`, hint: REACH_HINT };
}

function readTlsError(code: string, said: string, opened: boolean): Reading | undefined {
  const certificate = CERTIFICATE_HINTS.get(code);
  if (certificate !== undefined) {
    return { passing: false, what: `has a certificate that is not trusted: ${said}`, hint: certificate };
  }
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|HANDSHAKE_FAILURE/u.test(code)) {
    return {
      passing: false,
      what: `refused the client's certificate, or asks for one: ${said}`,
      hint: "Give a client certificate and its key, of an authority that the broker trusts.",
    };
  }
  if (
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|BAD_RECORD|UNEXPECTED_MESSAGE/u.test(code) ||
    (code === "ECONNRESET" && !opened)
  ) {
    return {
      passing: code === "ECONNRESET",
      what: "gave no answer in TLS, as a listener without it does",
      hint: "Turn TLS off, or give the port of a listener with TLS.",
    };
  }
  return /^(?:ERR_SSL|ERR_OSSL|EPROTO)/u.test(code)
    ? {
        passing: false,
        what: `and netlearn found no common TLS: ${said}`,
        hint: "Which versions and ciphers does the listener allow?",
      }
    : undefined;
}

const UNTRUSTED_HINT = "Give the file of the authority that signed the broker's certificate.";
const NAME_HINT = "Use the name that is in the broker's certificate, or say which name to expect in it.";
const TIME_HINT = "Renew the broker's certificate, and compare the clocks of both machines.";

/** What to do about each of Node's codes for certificates that are not believed. */
const CERTIFICATE_HINTS: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", TIME_HINT],
  ["CERT_NOT_YET_VALID", TIME_HINT],
  ["ERR_TLS_CERT_ALTNAME_INVALID", NAME_HINT],
  ["HOSTNAME_MISMATCH", NAME_HINT],
  ["CERT_REJECTED", UNTRUSTED_HINT],
  ["CERT_REVOKED", UNTRUSTED_HINT],
  ["CERT_SIGNATURE_FAILURE", UNTRUSTED_HINT],
  ["CERT_UNTRUSTED", UNTRUSTED_HINT],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", UNTRUSTED_HINT],
  ["INVALID_CA", UNTRUSTED_HINT],
  ["SELF_SIGNED_CERT_IN_CHAIN", UNTRUSTED_HINT],
  ["UNABLE_TO_GET_ISSUER_CERT", UNTRUSTED_HINT],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNTRUSTED_HINT],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNTRUSTED_HINT],
]);

const REACH_HINT = "Are the addresses right, are the brokers up, and does a firewall or a NetworkPolicy lie between?";
const WANTS_TLS: Reading = {
  passing: false,
  what: "answers a plain connection in TLS",
  hint: "Turn TLS on, or give the port of a listener without it.",
};
/** A broker that stops closes connections as well. */
const MAY_WANT_TLS: Reading = {
  passing: true,
  what: "closes a plain connection without an answer, as a listener with TLS does",
  hint: WANTS_TLS.hint,
};
const WANTS_SASL: Reading = {
  passing: true,
  what: "closes the connection when something is asked without credentials",
  hint: "Does this listener ask for SASL? Then give a mechanism, a user and a password.",
};
const CLOSED: Reading = { passing: true, what: "closed the connection", hint: REACH_HINT };
const SILENT: Reading = { passing: true, what: "gives no answer", hint: REACH_HINT };
