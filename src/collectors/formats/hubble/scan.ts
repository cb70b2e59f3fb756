import type { FlowRecord } from "../../../model/flow.ts";
import type { EndpointTable } from "./endpoint.ts";
import { decodeExtras } from "./scan-extras.ts";
import { LineScan } from "./scan-line.ts";
import { readLine } from "./scan-shapes.ts";

/** Lines scanned before the scanner asks itself whether it is of use: it read some of them, and half of their ends were known. */
const WINDOW = 2048;
const FEWEST_READ = WINDOW / 8;
const LONGEST_REST = WINDOW * 64;

/**
 * Reads the lines Hubble's exporter writes, `{"flow":{...},"node_name":...,"time":...}`, straight from their bytes,
 * several times faster than JSON.parse. It knows nothing JSON.parse and decodeFlow do not know: a line it does not
 * understand to the last byte, valid or not, is left to them, and a record it gives is the one they would give.
 *
 * Members may come in any order and with white space. Values nobody reads are checked against the grammar as well, so
 * no line passes here that JSON.parse refuses.
 *
 * Where most ends of connections are new, remembering them costs more than it saves; where most lines are others, as in an
 * audit log, looking at them does. Then the scanner rests, longer each time.
 */
export class FlowScanner {
  readonly #scan: LineScan;
  /** Lines until the next decision, and whether they are scanned. */
  #linesLeft = WINDOW;
  #read = 0;
  #resting = false;
  #restLines = WINDOW;

  constructor(endpoints: EndpointTable) {
    this.#scan = new LineScan(endpoints);
  }

  /** The record of the line in `bytes`, `end` exclusive; undefined leaves it to JSON.parse. */
  scan(bytes: Buffer, start: number, end: number): FlowRecord | undefined {
    if (--this.#linesLeft < 0) {
      this.#decide();
    }
    if (this.#resting) {
      return undefined;
    }
    const scan = this.#scan;
    scan.reset(bytes, start, end);
    if (!readLine(scan)) {
      return undefined;
    }
    if (scan.extraMembers !== "") {
      const extras = decodeExtras(`{${scan.extraMembers}}`);
      if (extras === undefined) {
        return undefined;
      }
      scan.extras = extras;
    }
    this.#read++;
    return scan.record();
  }

  #decide(): void {
    if (this.#resting) {
      this.#resting = false;
      this.#linesLeft = WINDOW;
    } else if (this.#scan.endpointsDecoded > WINDOW || this.#read < FEWEST_READ) {
      this.#resting = true;
      this.#linesLeft = this.#restLines;
      this.#restLines = Math.min(this.#restLines * 2, LONGEST_REST);
    } else {
      this.#linesLeft = WINDOW;
      this.#restLines = WINDOW;
    }
    this.#scan.endpointsDecoded = 0;
    this.#read = 0;
  }
}
