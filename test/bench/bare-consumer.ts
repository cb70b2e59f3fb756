import { Kafka, logLevel } from "kafkajs";

/** What anyone would write first: a consumer that counts bytes until it has seen so many records. A yardstick. */
const [brokers = "", topic = "", total = "0"] = process.argv.slice(2);
const kafka = new Kafka({ clientId: "bare", brokers: brokers.split(","), logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `bare-${process.pid}` });
let records = 0;
let bytes = 0;
const seen = Promise.withResolvers<void>();
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) {
      records++;
      bytes += value?.length ?? 0;
    }
    if (records >= Number(total)) seen.resolve();
  },
});
await seen.promise;
await consumer.disconnect();
process.stdout.write(`${records} records, ${bytes} bytes\n`);
