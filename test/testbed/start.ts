import { APISERVER, startApiserver } from "./apiserver.ts";
import { goBinary } from "./go-build.ts";
import { kafkaPrograms } from "./kafka-jars.ts";
import { startKafka } from "./kafka-server.ts";
import type { Surroundings } from "./part.ts";
import { startPostgres } from "./postgres.ts";
import { postgresPrograms } from "./postgres-programs.ts";

/** What can be started, and what is printed of it. */
type Start = (surroundings: Surroundings) => Promise<{ readonly told: object; readonly stop: () => Promise<void> }>;

const STARTS: Readonly<Record<string, Start>> = {
  apiserver: async (surroundings) => {
    const server = await startApiserver(await goBinary(APISERVER, surroundings));
    return { told: { url: server.url, kubeconfig: await server.kubeconfig("admin") }, stop: server.stop };
  },
  kafka: async (surroundings) => {
    const { stop, brokers, dataDir, log } = await startKafka(await kafkaPrograms(surroundings));
    return { told: { brokers, dataDir, log }, stop };
  },
  postgres: async (surroundings) => {
    const { stop, url, log } = await startPostgres(await postgresPrograms(surroundings));
    return { told: { url, log }, stop };
  },
};

/** Starts a server to try things on, prints where it is, and keeps it until standard input ends or Ctrl-C. */
const [, , name = "apiserver"] = process.argv;
const start = STARTS[name];
if (start === undefined) throw new Error(`there is no ${name} in the testbed, but ${Object.keys(STARTS).join(", ")}`);
const { told, stop } = await start({ say: (line) => console.error(line), environment: process.env });
console.log(JSON.stringify(told));
process.stdin.resume().on("end", () => void stop());
