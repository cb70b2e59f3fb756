import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessObservations } from "../../../src/graph/access/access-observations.ts";
import { AccessText } from "../../../src/graph/access/access-schema.ts";
import { restoreAccess } from "../../../src/graph/access/restore-access.ts";
import type { AccessRecord } from "../../../src/model/access.ts";
import {
  allowedUses,
  observe,
  shuffled,
  someRecord,
  someRecords,
  textOf,
  undecidedRecords,
  withoutCounters,
} from "./records.ts";

/** What observations of parts come to, each printed and read back. */
function merged(...texts: readonly string[]): AccessObservations {
  const observations = new AccessObservations();
  for (const text of texts) restoreAccess(observations, AccessText.parse(JSON.parse(text)));
  return observations;
}

const eitherLog = fc.oneof({ weight: 3, arbitrary: someRecords }, { weight: 1, arbitrary: undecidedRecords });

describe("observations of the use of the API", () => {
  it("are the same in any order, byte for byte", () => {
    fc.assert(
      fc.property(
        eitherLog.chain((records) => fc.tuple(fc.constant(records), shuffled(records))),
        ([records, others]) => {
          expect(textOf(observe(...others))).toBe(textOf(observe(...records)));
          expect(observe(...others).resolve()).toStrictEqual(observe(...records).resolve());
        },
      ),
    );
  });

  it("do not change by what comes twice, but for counters", () => {
    fc.assert(
      fc.property(
        eitherLog.chain((records) => fc.tuple(fc.constant(records), fc.subarray(records))),
        ([records, again]) => {
          const once = observe(...records).resolve();
          expect(withoutCounters(observe(...records, ...again).resolve())).toStrictEqual(withoutCounters(once));
        },
      ),
    );
  });

  it("of parts, merged in any order and grouping, are those of the whole", () => {
    fc.assert(
      fc.property(eitherLog, eitherLog, eitherLog, (a, b, c) => {
        const [x, y, z] = [textOf(observe(...a)), textOf(observe(...b)), textOf(observe(...c))];
        const whole = observe(...a, ...b, ...c);
        expect(merged(x, y, z).resolve()).toStrictEqual(whole.resolve());
        expect(textOf(merged(z, x, y))).toBe(textOf(whole));
        expect(textOf(merged(textOf(merged(x, y)), z))).toBe(textOf(whole));
        expect(textOf(merged(x, textOf(merged(y, z))))).toBe(textOf(whole));
      }),
      { numRuns: 60 },
    );
  });

  it("give the same graph when they are printed and read back", () => {
    fc.assert(
      fc.property(eitherLog, (records) => {
        const observations = observe(...records);
        expect(merged(textOf(observations)).resolve()).toStrictEqual(observations.resolve());
      }),
    );
  });

  it("have the same allowed uses, whatever was denied, only received, not decided or repeated besides", () => {
    const noise = fc.array(
      fc.oneof(
        someRecord(["forbid"]),
        someRecord([undefined]),
        someRecord(["allow"]).map((record): AccessRecord => ({ ...record, stage: "RequestReceived" })),
      ),
      { maxLength: 60, size: "max" },
    );
    const log = fc.array(someRecord(["allow"]), { minLength: 1, maxLength: 60, size: "max" });
    fc.assert(
      fc.property(
        fc.tuple(log, noise).chain(([records, others]) => {
          const said = [...records, ...others, ...records.slice(0, 9)];
          return fc.tuple(fc.constant(records), shuffled(said));
        }),
        ([records, all]) => {
          fc.pre(records.some(({ stage }) => stage !== "RequestReceived"));
          expect(allowedUses(observe(...all).resolve())).toStrictEqual(allowedUses(observe(...records).resolve()));
        },
      ),
    );
  });

  it("count the distinct requests of a use, however many events show them", () => {
    fc.assert(
      fc.property(fc.array(someRecord(["allow"]), { maxLength: 80, size: "max" }), (records) => {
        const one = records.map((record) => ({ ...record, stage: "ResponseComplete" as const }));
        const total = new Set(one.map(({ request }) => request)).size;
        const uses = observe(
          ...one.map((record) => ({ ...record, identity: { username: "one", groups: [] }, impersonator: undefined })),
        ).resolve().uses;
        for (const { evidence } of uses) {
          expect(evidence.exact).toBe(true);
          expect(evidence.requests).toBeLessThanOrEqual(total);
        }
      }),
    );
  });
});
