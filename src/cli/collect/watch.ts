import path from "node:path";
import type { Beginning } from "../../collect.ts";
import type { KafkaCollectOptions } from "../../config/collect-options.ts";
import type { IngestObserver } from "../../ingest/observer.ts";
import type { Session } from "../session.ts";
import { IngestLog } from "./ingest-log.ts";
import type { Metrics } from "./metrics.ts";
import { MetricsFile } from "./metrics-file.ts";
import { tellAll } from "./observers.ts";
import { Pulse } from "./pulse.ts";

/** Everybody who looks on while a run collects: the log, the progress line, metrics, probes. */
export interface Watch {
  readonly observer: IngestObserver;
  readonly begun: (beginning: Beginning) => void;
  /** Nothing more is read, and the state is still open. */
  readonly ending: () => Promise<void>;
  /** Writes metrics to their file for the last time; throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE`. */
  readonly finish: () => Promise<void>;
  /** Stops serving; to be called however the run ends. */
  readonly close: () => void;
}

const NOTHING = async (): Promise<void> => {};

/**
 * Begins to watch a run.
 *
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE` when metrics can't be served
 */
export async function watchKafka(session: Session, options: KafkaCollectOptions, version: string): Promise<Watch> {
  const log = new IngestLog(session, options);
  const { metricsPort, metricsFile } = session.settings;
  const begun = (beginning: Beginning): void => log.begun(beginning);
  if (metricsPort === undefined && metricsFile === undefined) {
    return { observer: log, begun, ending: NOTHING, finish: NOTHING, close: () => {} };
  }
  const { Metrics } = await import("./metrics.ts");
  const metrics = new Metrics(version, session.io.now);
  const pulse = new Pulse(session.io.now);
  const file = openFile(metrics, session);
  const close = metricsPort === undefined ? () => {} : await serve(metricsPort, metrics, pulse, session);
  return {
    observer: tellAll([log, metrics, pulse, ...(file === undefined ? [] : [writesAtFolds(file)])]),
    begun: (beginning) => {
      metrics.useState(async () => (await beginning.store.summary()).cells);
      begun(beginning);
    },
    ending: async () => await metrics.recount(),
    finish: async () => await file?.finish(),
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
