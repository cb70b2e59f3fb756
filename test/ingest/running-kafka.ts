import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaReader, KafkaSubscription, PartitionStart } from "../../src/collectors/kafka/port.ts";
import { KafkaWorld, Member } from "./kafka-world.ts";

/** A topic that is delivered by itself, as a broker does it: all partitions to each member, then what comes. */
export class RunningKafka extends KafkaWorld {
  /** Called before each delivery: a test may wait here, or change something. */
  beforeDelivery: () => Promise<void> = async () => {};

  override async subscribe(_topics: readonly string[], reader: KafkaReader): Promise<KafkaSubscription> {
    const member = new Member(this, reader);
    this.members.add(member);
    const stopping = new AbortController();
    const running = this.#run(member, reader, stopping.signal);
    const stop = async (): Promise<void> => {
      stopping.abort();
      await running;
      await member.stop();
    };
    return {
      seek: (starts: readonly PartitionStart[]) => member.seek(starts),
      commit: async () => await member.commit(),
      heartbeat: async () => await member.heartbeat(),
      stop,
      ended: running,
    };
  }

  async #run(member: Member, reader: KafkaReader, stopping: AbortSignal): Promise<void> {
    await member.assign(this.logs.map((_, partition) => partition));
    while (!stopping.aborted) {
      await this.beforeDelivery();
      let isIdle = true;
      for (const [nth] of this.logs.entries()) {
        if (stopping.aborted) return;
        if (await member.deliver(nth, 50)) isIdle = false;
      }
      if (isIdle) await reader.idle();
      await sleep(1);
    }
  }
}
