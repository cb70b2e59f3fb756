import type { KafkaConnection } from "../collectors/kafka/port.ts";
import { NetlearnError } from "../lib/errors.ts";
import { kafkaConnection, type Surroundings } from "./kafka-connection.ts";
import type { Settings, StartChoice } from "./settings.ts";
import { DEFAULT_STATE } from "./state-options.ts";

/** What collecting from Kafka needs to know. */
export interface KafkaCollectOptions {
  /** The file, or the database's URL. */
  readonly state: string;
  readonly connection: KafkaConnection;
  /** Names, or `/regular expressions/`. */
  readonly topics: readonly string[];
  /** Name of the input format; undefined recognises it. */
  readonly format: string | undefined;
  readonly mode: "until-caught-up" | "follow";
  readonly start: StartChoice;
  /** Milliseconds. */
  readonly flushInterval: number;
  readonly flushRecords: number;
}

/** What collecting from files needs to know besides. */
export type FileCollectChoice = Pick<KafkaCollectOptions, "state" | "format" | "flushInterval">;

/** The part of the settings that collecting from files sees. */
export function fileCollectChoice(settings: Settings): FileCollectChoice {
  return { state: stateLocation(settings), format: settings.inputFormat, flushInterval: settings.flushInterval };
}

/** Which state `collect` and `state` mean. */
export function stateLocation({ state }: Pick<Settings, "state">): string {
  return state ?? DEFAULT_STATE;
}

/**
 * The part of the settings that collecting from Kafka sees.
 *
 * @throws NetlearnError `NETLEARN_USAGE` when brokers, topics or credentials are missing; `NETLEARN_KAFKA_UNAVAILABLE`
 *   when a certificate can't be read
 */
export async function kafkaCollectOptions(
  settings: Settings,
  surroundings: Surroundings,
): Promise<KafkaCollectOptions> {
  const connection = await kafkaConnection(settings, surroundings);
  if (settings.topic.length === 0) {
    throw new NetlearnError("NETLEARN_USAGE", "netlearn collect: there is no topic to read", {
      hint: "Name topics with flows: --topic hubble-flows, or a pattern between slashes: --topic '/hubble-.*/'.",
    });
  }
  return {
    state: stateLocation(settings),
    connection,
    topics: settings.topic,
    format: settings.inputFormat,
    mode: settings.follow ? "follow" : "until-caught-up",
    start: settings.start,
    flushInterval: settings.flushInterval,
    flushRecords: settings.flushRecords,
  };
}
