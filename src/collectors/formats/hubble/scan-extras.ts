import type { FlowRecord } from "../../../model/flow.ts";
import { Faults } from "../faults.ts";
import { isFields, parseJson } from "../json.ts";
import { decodeService } from "./endpoint.ts";
import { message, texts } from "./fields.ts";
import { decodeWeight } from "./flow.ts";
import { decodeLayer7 } from "./layers.ts";

/** The fields most records do not have; the walker leaves their values to JSON.parse. */
export type Extras = Pick<
  FlowRecord,
  "sourceService" | "destinationService" | "sourceNames" | "destinationNames" | "layer7" | "weight"
>;

/** What a record without them has. */
export const NO_EXTRAS: Extras = {
  sourceService: undefined,
  destinationService: undefined,
  sourceNames: [],
  destinationNames: [],
  layer7: undefined,
  weight: 1,
};

/** Reads the members of a Flow cut out of it as a JSON object of their own; undefined when one of them is wrong. */
export function decodeExtras(json: string): Extras | undefined {
  const fields = parseJson(json);
  if (!isFields(fields)) {
    return undefined;
  }
  const faults = new Faults();
  const extras = {
    sourceService: decodeService(fields, "source_service", faults),
    destinationService: decodeService(fields, "destination_service", faults),
    sourceNames: texts(fields, "source_names", faults),
    destinationNames: texts(fields, "destination_names", faults),
    layer7: decodeLayer7(message(fields, "l7", faults), faults),
    weight: decodeWeight(message(fields, "aggregate", faults), faults),
  };
  return faults.first === undefined ? extras : undefined;
}
