import { APISERVER, startApiserver } from "./apiserver.ts";
import { goBinary } from "./go-build.ts";

/** Starts an API server to try things on, prints where it is, and keeps it until standard input ends or Ctrl-C. */
const part = await goBinary(APISERVER, { say: (line) => console.error(line), environment: process.env });
const server = await startApiserver(part);
console.log(JSON.stringify({ url: server.url, kubeconfig: await server.kubeconfig("admin") }));
process.stdin.resume().on("end", () => void server.stop());
