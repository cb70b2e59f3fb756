import { expect, it } from "vitest";
import { cronJob } from "../directory/objects.ts";
import { infer } from "./infer.ts";

it("a CronJob tells when it runs, whether it may, and when it last did", () => {
  const weekly = cronJob("weekly", { labels: { app: "weekly" } });
  const spec = { ...(weekly["spec"] as object), schedule: "0 3 * * 1", suspend: true };
  const status = { lastScheduleTime: "2026-01-05T03:00:00Z" };
  expect(infer({ ...weekly, spec, status }, cronJob("nightly", { labels: { app: "nightly" } })).schedules).toEqual([
    {
      workload: { namespace: "shop", kind: "CronJob", name: "nightly" },
      schedule: "0 3 * * *",
      suspended: false,
      lastRun: undefined,
    },
    {
      workload: { namespace: "shop", kind: "CronJob", name: "weekly" },
      schedule: "0 3 * * 1",
      suspended: true,
      lastRun: Date.UTC(2026, 0, 5, 3),
    },
  ]);
});
