import type { PeerSet } from "./peer-set.ts";
import type { PortTable } from "./port-table.ts";

/**
 * The port tables of all classes in a few typed arrays. The same tables as objects would cost a verdict a dozen
 * dependent reads all over the heap, and waiting for memory is nearly all that a verdict costs; here it is half of that.
 */
export interface FlatTables {
  /** Number of the table by class; -1 where nothing isolates. */
  readonly tables: Int32Array;
  /** The atoms of protocol `p` of table `t` are those from `atoms[3 * t + p]` to before the next. */
  readonly atoms: Int32Array;
  /** First port of each atom. */
  readonly firsts: Uint16Array;
  /** Four numbers an atom: start and end in the pool of who is sure, and of who is unsure; the end is -1 for bits. */
  readonly sets: Int32Array;
  /** Members of the sets, or their bits. */
  readonly pool: Uint32Array;
}

const DENSE = -1;

/** Lays the tables out. */
export function flatTables(byClass: readonly (PortTable | undefined)[]): FlatTables {
  const numbers = new Map<PortTable, number>();
  const atoms: number[] = [];
  const firsts: number[] = [];
  const sets: number[] = [];
  const pool = setPool();
  const layOut = (table: PortTable): void => {
    for (const protocol of table) {
      atoms.push(firsts.length);
      for (const [atom, first] of protocol.firsts.entries()) {
        firsts.push(first);
        sets.push(...pool.place(protocol.sure[atom]), ...pool.place(protocol.unsure[atom]));
      }
    }
  };
  const tables = Int32Array.from(byClass, (table) => {
    if (table === undefined) {
      return -1;
    }
    let number = numbers.get(table);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(table, number);
      layOut(table);
    }
    return number;
  });
  atoms.push(firsts.length);
  return {
    tables,
    atoms: Int32Array.from(atoms),
    firsts: Uint16Array.from(firsts),
    sets: Int32Array.from(sets),
    pool: pool.finish(),
  };
}

type Place = readonly [start: number, end: number];

/** Sets that several atoms share stand in the pool once. */
function setPool(): { place(set: PeerSet | undefined): Place; finish(): Uint32Array } {
  const places = new Map<PeerSet, Place>();
  let size = 0;
  return {
    place(set) {
      if (set === undefined || set.words.length === 0) {
        return [0, 0];
      }
      let found = places.get(set);
      if (found === undefined) {
        found = [size, set.dense ? DENSE : size + set.words.length];
        places.set(set, found);
        size += set.words.length;
      }
      return found;
    },
    finish() {
      const pool = new Uint32Array(size);
      for (const [{ words }, [start]] of places) {
        pool.set(words, start);
      }
      return pool;
    },
  };
}

/** Place of the atom of a table that holds the port. */
export function flatAtom({ atoms, firsts }: FlatTables, table: number, protocol: number, port: number): number {
  let low = atoms[3 * table + protocol] ?? 0;
  let high = (atoms[3 * table + protocol + 1] ?? 0) - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((firsts[middle] ?? 0) <= port) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/** Whether a peer is in a set: `set` is the place of its start in {@link FlatTables.sets}. */
export function flatHolds({ sets, pool }: FlatTables, set: number, peer: number): boolean {
  const start = sets[set] ?? 0;
  const end = sets[set + 1] ?? 0;
  if (end === DENSE) {
    return (((pool[start + (peer >>> 5)] ?? 0) >>> (peer & 31)) & 1) === 1;
  }
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pool[middle] ?? 0) < peer) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < end && pool[low] === peer;
}
