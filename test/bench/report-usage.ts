import { writeSync } from "node:fs";

/** Preloaded into a measured process: says at its end, on descriptor 3, how much memory it took at the most (KiB). */
process.on("exit", () => {
  writeSync(
    3,
    JSON.stringify({
      peakKib: process.resourceUsage().maxRSS,
      cpuMicros: process.cpuUsage().user + process.cpuUsage().system,
    }),
  );
});
