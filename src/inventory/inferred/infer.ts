import type { Directory } from "../../model/directory.ts";
import type { Inferred } from "../../model/inferred.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { gatherExposedServices } from "./exposed-services.ts";
import { FrontEnds } from "./front-ends.ts";
import { gatherRoutes } from "./gateways.ts";
import { Gathering } from "./gathering.ts";
import { gatherIngresses } from "./ingresses.ts";
import { gatherMonitors } from "./monitors.ts";
import { ObjectsByType } from "./objects-by-type.ts";
import { readSchedules } from "./schedules.ts";
import { Scrapers } from "./scrapers.ts";
import { gatherAnnotated } from "./scrapes.ts";
import { gatherApiServerCalls } from "./webhooks.ts";

/**
 * Reads which connections the objects of a cluster promise. What can't be read promises nothing, and the rest still
 * counts; the order of the objects changes nothing.
 *
 * @param directory of the same objects
 */
export function inferTraffic(objects: readonly ManifestObject[], directory: Directory): Inferred {
  const byType = new ObjectsByType(objects);
  const gathering = new Gathering();
  const scrapers = new Scrapers(byType, directory);
  const forwarding = { objects: byType, directory, frontEnds: new FrontEnds(byType, directory) };
  gatherApiServerCalls(byType, directory, gathering);
  gatherIngresses(forwarding, gathering);
  gatherRoutes(forwarding, gathering);
  gatherExposedServices(byType, directory, gathering);
  gatherAnnotated(byType, directory, scrapers, gathering);
  gatherMonitors(byType, directory, scrapers, gathering);
  return { ...gathering.finish(), schedules: readSchedules(byType) };
}
