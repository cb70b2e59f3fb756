/** How a controller names its pods; `plain` is a name without a recognised suffix. */
export type PodNameShape = "deployment" | "cronjob" | "suffix" | "ordinal" | "plain";

/** A pod's name without what differs between the pods of one controller. */
export interface PodName {
  readonly stem: string;
  readonly shape: PodNameShape;
}

/** The alphabet of generated name parts (apimachinery pkg/util/rand): no vowels, no 0, 1, 3. */
const SAFE = "bcdfghjklmnpqrstvwxz2456789";

const DEPLOYMENT = new RegExp(`^(.+)-[${SAFE}]{6,10}-[${SAFE}]{5}$`);
// The minutes, once the seconds, since the epoch: they begin with 1 to 3, which a template's hash has nowhere. Every
// hundredth hash is of digits only.
const CRONJOB = new RegExp(`^(.+)-[1-3]\\d{7,9}-[${SAFE}]{5}$`);
const SUFFIX = new RegExp(`^(.+)-[${SAFE}]{5}$`);
const ORDINAL = /^(.+)-\d+$/;

/**
 * Reads a pod's name: `cart-5d69f8c7b4-x7k2p` and `cart-7c9d8b6f5d-q2w4z` both give `cart`. Without the cluster's own
 * objects this is how pods of one controller are known to belong together when the source names no controller.
 */
export function readPodName(name: string): PodName {
  return (
    match(CRONJOB, name, "cronjob") ??
    match(DEPLOYMENT, name, "deployment") ??
    match(SUFFIX, name, "suffix") ??
    match(ORDINAL, name, "ordinal") ?? { stem: name, shape: "plain" }
  );
}

function match(pattern: RegExp, name: string, shape: PodNameShape): PodName | undefined {
  const stem = pattern.exec(name)?.[1];
  return stem === undefined ? undefined : { stem, shape };
}

/** The controller kind a shape gives away; undefined when several kinds name their pods so. */
export function kindOfShape(shape: PodNameShape): string | undefined {
  switch (shape) {
    case "deployment":
      return "Deployment";
    case "cronjob":
      return "CronJob";
    case "ordinal":
      return "StatefulSet";
    case "suffix":
    case "plain":
      return undefined;
  }
}
