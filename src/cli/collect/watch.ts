import path from "node:path";
import type { IngestObserver } from "../../ingest/observer.ts";
import type { Totals } from "../../ingest/totals.ts";
import type { StateStore } from "../../model/state.ts";
import type { Session } from "../session.ts";
import type { Metrics } from "./metrics.ts";
import { MetricsFile } from "./metrics-file.ts";
import { tellAll } from "./observers.ts";
import { Pulse } from "./pulse.ts";

/** Everybody who looks on while a run collects: the log, the progress line, metrics, probes. */
export interface Watch {
  readonly observer: IngestObserver;
  /** The state is open. */
  readonly opened: (store: StateStore) => void;
  /** Nothing more is read, and the state is still open. */
  readonly ending: () => Promise<void>;
  /** Writes metrics to their file for the last time; throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE`. */
  readonly finish: (totals: Totals) => Promise<void>;
  /** Stops serving; to be called however the run ends. */
  readonly close: () => void;
}

const NOTHING = async (): Promise<void> => {};

/**
 * Begins to watch a run.
 *
 * @param log tells people
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE` when metrics can't be served
 */
export async function watchRun(session: Session, log: IngestObserver, version: string): Promise<Watch> {
  const { metricsPort, metricsFile } = session.settings;
  if (metricsPort === undefined && metricsFile === undefined) {
    return { observer: log, opened: () => {}, ending: NOTHING, finish: NOTHING, close: () => {} };
  }
  const { Metrics } = await import("./metrics.ts");
  const metrics = new Metrics(version, session.io.now);
  const pulse = new Pulse(session.io.now);
  const file = openFile(metrics, session);
  const close = metricsPort === undefined ? () => {} : await serve(metricsPort, metrics, pulse, session);
  return {
    observer: tellAll([log, metrics, pulse, ...(file === undefined ? [] : [writesAtFolds(file)])]),
    opened: (store) => metrics.useState(async () => (await store.summary()).cells),
    ending: async () => await metrics.recount(),
    finish: async (totals) => {
      metrics.useTotals(totals);
      await file?.finish();
    },
    close,
  };
}

function openFile(metrics: Metrics, { settings, io, log }: Session): MetricsFile | undefined {
  const { metricsFile } = settings;
  return metricsFile === undefined ? undefined : new MetricsFile(path.resolve(io.cwd, metricsFile), metrics, log);
}

async function serve(port: number, metrics: Metrics, pulse: Pulse, { log }: Session): Promise<() => void> {
  const { serveMetrics } = await import("./metrics-server.ts");
  const server = await serveMetrics(port, metrics, pulse);
  log.say("info", "metrics", `Metrics and probes are on port ${server.port}: /metrics, /healthz, /readyz.`, {
    port: server.port,
  });
  return () => server.close();
}

function writesAtFolds(file: MetricsFile): IngestObserver {
  return {
    assigned: () => {},
    folded: () => file.request(),
    fenced: () => file.request(),
    gap: () => {},
    progress: () => {},
  };
}
