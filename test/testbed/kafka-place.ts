import type { KafkaAccess } from "./java-program.ts";
import type { KafkaPrograms } from "./kafka-jars.ts";
import { startKafka } from "./kafka-server.ts";
import type { Part } from "./part.ts";

/** A Kafka for tests that only read and write: their topics may be among those of others. */
export interface KafkaPlace extends KafkaAccess {
  readonly environment: { readonly KAFKA_BROKERS: string };
  readonly stop: () => Promise<void>;
}

/** The Kafka that the variable KAFKA_BROKERS names, which stop leaves alone; or else one of one's own. */
export async function kafkaPlace(part: Part<KafkaPrograms>, environment: NodeJS.ProcessEnv): Promise<KafkaPlace> {
  const brokers = environment["KAFKA_BROKERS"];
  if (brokers === undefined || brokers === "") return startKafka(part);
  const classPath = part.state === "ready" ? part.classPath : "";
  return { brokers, classPath, environment: { KAFKA_BROKERS: brokers }, stop: async () => {} };
}
