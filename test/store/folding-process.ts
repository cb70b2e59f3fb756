import { openState } from "../../src/store/open.ts";
import { mergeToys, toy } from "./toy-facts.ts";

/**
 * Folds into the state its argument names until it is killed: each fold moves the source `s` by one, adds one to a counter
 * and brings an edge of its own. Says how far it is after each.
 */
const [location = ""] = process.argv.slice(2);
const store = await openState(location, { mode: "write", mergeCells: mergeToys });
const [claim] = await store.claim(["s"], `process ${process.pid}`);
if (claim === undefined) throw new Error("nothing was claimed");
for (let from = claim.next; ; from = (from ?? 0) + 1) {
  const next = (from ?? 0) + 1;
  const edges = Array.from({ length: 50 }, (_, index) => toy("edge", `e${(next * 7 + index) % 500}`, next));
  const outcome = await store.fold(
    [toy("counter", "folds", 1), toy("fact", `f${next}`, next), ...edges],
    [{ source: "s", epoch: claim.epoch, from, next, landmark: undefined }],
  );
  if (outcome.kind === "fenced") throw new Error("fenced");
  process.stdout.write(`${next}\n`);
}
