import { createInterface } from "node:readline";
import { javaProgram, type KafkaAccess } from "./java-program.ts";

/** What somebody may do, as Kafka's ACLs say it. */
export interface Grant {
  readonly user: string;
  readonly type: "TOPIC" | "GROUP" | "CLUSTER" | "TRANSACTIONAL_ID";
  /** `kafka-cluster` for the type CLUSTER; `*` is every one. */
  readonly name: string;
  readonly operation: "READ" | "WRITE" | "DESCRIBE" | "CREATE" | "DELETE" | "ALTER" | "DESCRIBE_CONFIGS" | "ALL";
}

/** The first offset of a partition that can still be read, and the one that the next record gets. */
export interface Offsets {
  readonly first: number;
  readonly end: number;
}

interface Answer extends Partial<Offsets> {
  readonly fault?: string;
}

/** Changes topics with the client of Kafka itself. Each throws an Error with what the client says. Close it. */
export interface KafkaAdmin {
  /** @param settings such as `retention.ms` */
  readonly createTopic: (
    topic: string,
    partitions?: number,
    settings?: Readonly<Record<string, string>>,
  ) => Promise<void>;
  readonly deleteTopic: (topic: string) => Promise<void>;
  /** @param total how many it shall have: more than it has */
  readonly addPartitions: (topic: string, total: number) => Promise<void>;
  /** Removes what lies before an offset, as retention does. */
  readonly deleteRecords: (topic: string, partition: number, before: number) => Promise<void>;
  readonly offsets: (topic: string, partition: number) => Promise<Offsets>;
  readonly allow: (grant: Grant) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts a client that does one thing after the other; close it. */
export function kafkaAdmin(access: KafkaAccess): KafkaAdmin {
  const program = javaProgram(access, "Admin");
  const answers = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const ask = async (request: { readonly do: string } & Readonly<Record<string, unknown>>): Promise<Answer> => {
    program.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await answers.next();
    if (done === true) {
      await program.ended;
      throw new Error("the client of Kafka was closed");
    }
    const answer: Answer = JSON.parse(value);
    if (answer.fault !== undefined) throw new Error(`${request.do}: ${answer.fault}`);
    return answer;
  };
  const order = async (request: Parameters<typeof ask>[0]): Promise<void> => {
    await ask(request);
  };
  return {
    createTopic: (topic, partitions = 1, settings = {}) => order({ do: "createTopic", topic, partitions, settings }),
    deleteTopic: (topic) => order({ do: "deleteTopic", topic }),
    addPartitions: (topic, total) => order({ do: "addPartitions", topic, total }),
    deleteRecords: (topic, partition, before) => order({ do: "deleteRecords", topic, partition, before }),
    offsets: async (topic, partition) => {
      const { first = Number.NaN, end = Number.NaN } = await ask({ do: "offsets", topic, partition });
      return { first, end };
    },
    allow: (grant) => order({ do: "allow", ...grant }),
    close: async () => {
      program.stdin.end();
      await program.ended;
    },
  };
}
