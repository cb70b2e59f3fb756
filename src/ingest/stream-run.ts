import type { ByteTaker } from "../collectors/file/read-source.ts";
import type { RecordReader } from "../collectors/record-reader.ts";
import { Delta, type FlushLimits } from "./delta.ts";
import { SwitchedSink } from "./switched-sink.ts";

/** When what a stream showed is folded in. */
interface StreamFlush extends FlushLimits {
  readonly now: () => number;
}

/** Folds in what a stream brings, now and then: it may never end, and can't be read again. */
export class StreamRun {
  readonly sink: SwitchedSink;
  readonly #fold: (delta: Delta) => Promise<void>;
  readonly #flush: StreamFlush;
  #delta: Delta;

  constructor(fold: (delta: Delta) => Promise<void>, flush: StreamFlush) {
    this.#fold = fold;
    this.#flush = flush;
    this.#delta = new Delta(flush.now());
    this.sink = new SwitchedSink(this.#delta.learner);
  }

  /** What the stream's bytes go to. */
  taker(reader: RecordReader): ByteTaker {
    return {
      get state() {
        return reader.state;
      },
      room: () => reader.room(),
      hold: (count) => reader.hold(count),
      process: () => reader.process(),
      push: (chunk) => reader.push(chunk),
      end: (cutOff) => reader.end(cutOff),
      rest: () => (this.#isDue() ? this.#flushNow() : undefined),
    };
  }

  /** Folds in what is left. */
  async end(): Promise<void> {
    this.#delta.inputs = 1;
    await this.#flushNow();
  }

  #isDue(): boolean {
    return this.#delta.isDue(this.#flush, this.#flush.now());
  }

  async #flushNow(): Promise<void> {
    await this.#fold(this.#delta);
    this.#delta = new Delta(this.#flush.now());
    this.sink.target = this.#delta.learner;
  }
}
