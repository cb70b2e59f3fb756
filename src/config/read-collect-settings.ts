import { NetlearnError } from "../lib/errors.ts";
import { readBroker, readCount, readPortNumber } from "./collect-syntax.ts";
import { type Origin, splitList } from "./given.ts";
import { type CollectSettings, SASL_MECHANISMS } from "./settings.ts";
import { readDuration, readStart, readTime } from "./time-syntax.ts";
import { readChoice } from "./value-syntax.ts";
import type { Values } from "./values.ts";

/** The settings of `netlearn collect` and `netlearn state`; `now` in milliseconds since the epoch. */
export function readCollectSettings(values: Values, now: number): CollectSettings {
  return {
    ...readKafkaSettings(values, now),
    state: values.text("state"),
    untilCaughtUp: values.flag("untilCaughtUp"),
    follow: values.flag("follow"),
    fromFiles: values.flag("fromFiles"),
    sessionTimeout: values.read("sessionTimeout", readDuration) ?? 0,
    flushInterval: values.read("flushInterval", readDuration) ?? 0,
    flushRecords: values.read("flushRecords", readCount) ?? 0,
    shutdownTimeout: values.read("shutdownTimeout", readDuration) ?? 0,
    metricsPort: values.read("metricsPort", readPortNumber),
    metricsFile: values.text("metricsFile"),
    stateFormat: values.choice("stateFormat", ["text", "json"]),
    exportOutput: values.text("exportOutput"),
    olderThan: values.read("olderThan", (text, origin) => readTime(text, origin, now)),
    forgetNamespace: values.list("forgetNamespace"),
    dryRun: values.flag("dryRun"),
  };
}

type KafkaSettings = Pick<
  CollectSettings,
  Extract<
    keyof CollectSettings,
    "brokers" | "topic" | "group" | "start" | "clientRack" | `sasl${string}` | `tls${string}`
  >
>;

function readKafkaSettings(values: Values, now: number): KafkaSettings {
  const tls = {
    tlsCa: values.text("tlsCa"),
    tlsCert: values.text("tlsCert"),
    tlsKey: values.text("tlsKey"),
    tlsServerName: values.text("tlsServerName"),
  };
  return {
    brokers: readBrokers(values),
    topic: values.list("topic"),
    group: values.text("group") ?? "",
    start: values.read("start", (text, origin) => readStart(text, origin, now)) ?? { kind: "earliest" },
    clientRack: values.text("clientRack"),
    ...tls,
    tls: values.flag("tls") || Object.values(tls).some((value) => value !== undefined),
    sasl: values.read("sasl", (text, origin) => readChoice(text, origin, SASL_MECHANISMS)),
    saslUsername: values.text("saslUsername"),
    saslPasswordFile: values.text("saslPasswordFile"),
    saslTokenFile: values.text("saslTokenFile"),
    saslTokenUrl: values.text("saslTokenUrl"),
    saslClientId: values.text("saslClientId"),
    saslClientSecretFile: values.text("saslClientSecretFile"),
    saslScope: values.text("saslScope"),
  };
}

/** Each once, in the order given. */
function readBrokers(values: Values): readonly string[] {
  const given = values.all("brokers").at(-1);
  if (given === undefined || typeof given.value === "boolean") return [];
  const { origin }: { readonly origin: Origin } = given;
  return [...new Set(given.value.flatMap(splitList).map((text) => readBroker(text, origin)))];
}

/** @throws NetlearnError `NETLEARN_USAGE` for settings that make no sense together */
export function refuseCollectContradictions(settings: CollectSettings): void {
  const modes = [
    ...(settings.untilCaughtUp ? ["--until-caught-up"] : []),
    ...(settings.follow ? ["--follow"] : []),
    ...(settings.fromFiles ? ["--from-files"] : []),
  ];
  if (modes.length > 1) {
    throw new NetlearnError("NETLEARN_USAGE", `${modes.join(" and ")} contradict each other`, {
      hint: "Give one of them; --no-follow or --no-until-caught-up takes back what the config file or the environment says.",
    });
  }
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) {
    throw new NetlearnError("NETLEARN_USAGE", "--tls-cert and --tls-key are of use together only", {
      hint: "Give both for mutual TLS, or neither.",
    });
  }
}
