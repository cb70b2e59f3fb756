/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** One record of a topic. */
export interface KafkaRecord {
  readonly offset: number;
  /** Milliseconds since the epoch, as the broker has it; undefined when it has none. */
  readonly timestamp: number | undefined;
  /** Null is a tombstone. Part of a larger buffer: whoever keeps it keeps all of the batch in memory. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
}

/** Records of one partition, ascending by offset; none where only control records or aborted ones were there. */
export interface KafkaBatch extends TopicPartition {
  /**
   * The offset that was asked for. The first record may be behind it (compaction, transactions), and nothing is lost
   * then: what was there to be read from here on up to `next` are the records. Where the partition no longer has the
   * offset the reader expects, this is another one.
   */
  readonly from: number;
  readonly records: readonly KafkaRecord[];
  /** Offset behind the last record of the batch, whether or not it was delivered. */
  readonly next: number;
  /** Offset behind the last record of the partition that might be read when the batch was fetched; not before `next`. */
  readonly end: number;
}

/** What of a partition can be read at this moment: offsets from `start` up to, not including, `end`. */
export interface PartitionExtent extends TopicPartition {
  readonly start: number;
  readonly end: number;
}

/** Where reading a partition begins. */
export interface PartitionStart extends TopicPartition {
  readonly offset: number;
}

/** Who reads, called by the client one call at a time: the client waits for each promise before it goes on. */
export interface KafkaReader {
  /**
   * A new assignment replaces the one before. No record is delivered before this answers, and then each partition
   * begins at the offset that it is given here, whatever the group has committed.
   */
  assigned(partitions: readonly TopicPartition[]): Promise<readonly PartitionStart[]>;
  /** Records in order. When it rejects, nothing of the partition is delivered until the next assignment. */
  batch(batch: KafkaBatch): Promise<void>;
  /** Brokers answered and had nothing new, for the partitions assigned. */
  idle(): Promise<void>;
}

/** A membership in a consumer group that goes on until it is stopped. */
export interface KafkaSubscription {
  /**
   * Delivers records of these partitions from other offsets from the next call of {@link KafkaReader} on. Partitions that
   * are not assigned are passed over.
   */
  seek(starts: readonly PartitionStart[]): void;
  /** Tells the group how far was folded in, for people who look at its lag; failures are no matter. */
  commit(starts: readonly PartitionStart[]): Promise<void>;
  /** Tells the group that this member is alive; rejects when it is no longer one. Called while something takes long. */
  heartbeat(): Promise<void>;
  /** Leaves the group after the call that is running; resolves when it has. */
  stop(): Promise<void>;
  /** Rejects when reading can't go on (NetlearnError); resolves after {@link stop}. */
  readonly ended: Promise<void>;
}

/**
 * A Kafka cluster, as far as netlearn needs one. Each method throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE` with what is
 * wrong (unreachable, TLS, credentials, rights, no such topic) and the way out.
 */
export interface KafkaCluster {
  /** Names the cluster, the same from every broker. */
  readonly id: string;
  /** All topics this client may see, internal ones left out, sorted. */
  topics(): Promise<readonly string[]>;
  /** What can be read of each partition of a topic, by partition. */
  extents(topic: string): Promise<readonly PartitionExtent[]>;
  /** The first offset at or after a time in each partition, its end where there is none. */
  offsetsAt(topic: string, time: number): Promise<readonly PartitionStart[]>;
  subscribe(topics: readonly string[], reader: KafkaReader): Promise<KafkaSubscription>;
  close(): Promise<void>;
}

/** How to reach a Kafka cluster. Passwords and tokens are read when they are needed, and never printed. */
export interface KafkaConnection {
  /** `host:port`, IPv6 in brackets. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly group: string;
  /** The client's rack, for fetching from the nearest replica (KIP-392). */
  readonly rack: string | undefined;
  /** How soon the group notices that this member died, milliseconds; undefined: half a minute. */
  readonly sessionTimeout?: number;
  /** Undefined: no TLS. */
  readonly tls: KafkaTls | undefined;
  readonly sasl: KafkaSasl | undefined;
}

/** Texts in PEM; undefined: the system's authorities, no client certificate. */
export interface KafkaTls {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Name to expect in the broker's certificate instead of the host's. */
  readonly serverName: string | undefined;
}

export type KafkaSasl =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: () => Promise<string>;
    }
  | { readonly mechanism: "oauthbearer"; readonly token: () => Promise<string> };
