import type { IngestObserver } from "../../ingest/observer.ts";

/** Tells several observers what one hears. */
export function tellAll(observers: readonly IngestObserver[]): IngestObserver {
  return {
    assigned: (partitions) => {
      for (const observer of observers) observer.assigned(partitions);
    },
    folded: (report) => {
      for (const observer of observers) observer.folded(report);
    },
    fenced: (sources) => {
      for (const observer of observers) observer.fenced(sources);
    },
    gap: (gap) => {
      for (const observer of observers) observer.gap(gap);
    },
    progress: (partitions, totals) => {
      for (const observer of observers) observer.progress(partitions, totals);
    },
  };
}
