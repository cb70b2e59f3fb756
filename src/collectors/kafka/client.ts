import type { Kafka, KafkaConfig } from "kafkajs";
import type { Scene } from "./failures.ts";
import type { KafkaJs } from "./kafkajs.ts";
import { loadKafkaJs, logTo } from "./kafkajs.ts";
import type { KafkaConnection } from "./port.ts";
import { saslConfig } from "./sasl.ts";
import { Sockets } from "./sockets.ts";

/** How long things may take. */
export interface KafkaLimits {
  /** Until the first connection stands. */
  readonly connectMs: number;
  /** How long a subscription goes on without an answer from the brokers. */
  readonly outageMs: number;
}

export const KAFKA_LIMITS: KafkaLimits = { connectMs: 15_000, outageMs: 10 * 60_000 };

const CONNECTION_TIMEOUT_MS = 5000;
const AUTHENTICATION_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** kafkajs has other defaults under NODE_ENV=test, so that each is given. */
const RETRY = { initialRetryTime: 300, maxRetryTime: 5000, factor: 0.2, multiplier: 2 };

/** kafkajs, set up for one connection: everything it does to a cluster goes through the same sockets and the same log. */
export class KafkaClient {
  readonly library: KafkaJs;
  readonly connection: KafkaConnection;
  readonly limits: KafkaLimits;
  readonly log: (line: string) => void;
  readonly #sockets: Sockets;
  readonly #config: Omit<KafkaConfig, "retry">;
  #lastAnswer = "";

  private constructor(
    library: KafkaJs,
    connection: KafkaConnection,
    how: { log: (line: string) => void; limits: KafkaLimits },
  ) {
    this.library = library;
    this.connection = connection;
    this.limits = how.limits;
    this.log = how.log;
    this.#sockets = new Sockets(connection.brokers, connection.tls);
    this.#config = {
      brokers: this.#sockets.brokers,
      clientId: connection.clientId,
      ssl: connection.tls !== undefined,
      ...(connection.sasl === undefined ? {} : { sasl: saslConfig(connection.sasl) }),
      socketFactory: this.#sockets.factory,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      authenticationTimeout: AUTHENTICATION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      logLevel: library.logLevel.WARN,
      logCreator: logTo(({ text, error }) => {
        this.#lastAnswer = text.startsWith("Response ") ? error : this.#lastAnswer;
        this.log(error === "" ? text : `${text}: ${error}`);
      }),
    };
  }

  /** @throws NetlearnError NETLEARN_KAFKA_UNAVAILABLE when an address or a certificate can't be read */
  static async open(
    connection: KafkaConnection,
    how: { readonly log: (line: string) => void; readonly limits: KafkaLimits },
  ): Promise<KafkaClient> {
    return new KafkaClient(await loadKafkaJs(), connection, how);
  }

  /** @param retries how often kafkajs tries by itself what failed in passing */
  kafka(retries: number): Kafka {
    return new this.library.Kafka({
      ...this.#config,
      retry: { ...RETRY, retries, restartOnFailure: async () => false },
    });
  }

  scene(topics: readonly string[] = []): Scene {
    return { connection: this.connection, topics, stories: this.#sockets.stories, lastAnswer: this.#lastAnswer };
  }
}
