import { expect } from "vitest";
import type { RanUnit } from "../../src/gitops/manners/run-units.ts";
import { HUMAN_ACTS, type Witness } from "./github-witness.ts";
import { CUTTING } from "./unit-world.ts";

/** Something that a run has to do on GitHub. */
export interface Case {
  readonly what: string;
  readonly prepare: (witness: Witness) => Promise<void>;
  /** Between the run that is cut off and the one that has to finish it. */
  readonly between?: (witness: Witness) => Promise<void>;
  readonly outcome: RanUnit["outcome"]["kind"];
}

const act = (name: string, witness: Witness): void => HUMAN_ACTS[name]?.(witness);

const opened = async (witness: Witness): Promise<void> => {
  const { outcome } = await witness.watched(() => witness.world.run());
  expect(outcome.kind).toBe("created");
};

/** Each of what a run can write. */
export const CASES: readonly Case[] = [
  { what: "creates", prepare: async () => {}, outcome: "created" },
  {
    what: "regenerates",
    prepare: async (witness) => {
      await opened(witness);
      act("edit base", witness);
      witness.world.wanted = "v2";
    },
    outcome: "updated",
  },
  {
    what: "appends after a review",
    prepare: async (witness) => {
      await opened(witness);
      act("request changes", witness);
      witness.world.wanted = "v2";
    },
    outcome: "updated",
  },
  {
    what: "regenerates where one more commit would be in conflict",
    prepare: async (witness) => {
      await opened(witness);
      act("write what is wanted", witness);
      act("comment", witness);
      witness.world.wanted = "v2";
    },
    outcome: "updated",
  },
  {
    what: "regenerates on a conflict",
    prepare: async (witness) => {
      await opened(witness);
      act("conflict", witness);
    },
    outcome: "updated",
  },
  {
    what: "makes a draft, since it would cut what was seen,",
    prepare: async (witness) => {
      await opened(witness);
      witness.world.wanted = CUTTING;
    },
    outcome: "updated",
  },
  {
    what: "makes it ready, since it cuts nothing any more,",
    prepare: async (witness) => {
      witness.world.wanted = CUTTING;
      await opened(witness);
      witness.world.wanted = "v2";
    },
    outcome: "updated",
  },
  {
    what: "closes, as nothing is wanted,",
    prepare: async (witness) => {
      await opened(witness);
      witness.world.wanted = undefined;
    },
    outcome: "closed",
  },
  {
    what: "deletes the branch of what was squashed",
    prepare: async (witness) => {
      await opened(witness);
      act("squash", witness);
    },
    outcome: "closed",
  },
  {
    what: "shows a person what it would have written",
    prepare: async (witness) => {
      await opened(witness);
      act("push", witness);
      witness.world.wanted = "v2";
    },
    outcome: "held",
  },
  {
    what: "overwrites a person's commit as asked (and as asked again, where the tick was taken and nothing was done)",
    prepare: async (witness) => {
      await opened(witness);
      act("push", witness);
      witness.world.wanted = "v2";
      await witness.world.run();
      act("overwrite", witness);
    },
    between: async (witness) => {
      await witness.world.run();
      act("overwrite", witness);
    },
    outcome: "updated",
  },
  {
    what: "writes a rejection down",
    prepare: async (witness) => {
      await opened(witness);
      act("reject a line", witness);
    },
    outcome: "updated",
  },
  {
    what: "says that it stays closed",
    prepare: async (witness) => {
      await opened(witness);
      act("close", witness);
    },
    outcome: "held",
  },
];
