import { PassThrough, Writable } from "node:stream";
import type { CliIo, Pipeline } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import type { LearnOptions, SuggestOptions } from "../../src/config/pipeline-options.ts";
import type { AccessReview } from "../../src/model/access-review.ts";
import type { Suggestion } from "../../src/pipeline.ts";
import { NO_REVIEW } from "../support/access-fixtures.ts";
import { MONDAY, someSuggestion } from "../support/fixtures.ts";

/** A stream that remembers, with the properties of a terminal where a test wants one. */
export class Sink extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number | undefined;

  constructor(terminal?: { readonly columns?: number }) {
    super({ decodeStrings: false });
    this.isTTY = terminal !== undefined;
    this.columns = terminal?.columns;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** A stream whose reader has gone. */
export class BrokenSink extends Writable {
  override _write(_chunk: unknown, _encoding: BufferEncoding, done: (error: Error) => void): void {
    done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  }
}

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly asked: readonly { inputs: readonly string[]; options: LearnOptions | SuggestOptions }[];
}

export interface RunOptions {
  readonly suggestion?: Suggestion;
  readonly snapshot?: string;
  readonly review?: AccessReview;
  readonly pipeline?: Partial<Pipeline>;
  readonly io?: Partial<CliIo>;
}

/** Runs a command line as a user would, against a pipeline that answers with a made-up suggestion. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  const stdout = new Sink();
  const stderr = new Sink();
  const asked: { inputs: readonly string[]; options: LearnOptions | SuggestOptions }[] = [];
  const answer = options.suggestion ?? someSuggestion();
  const pipeline: Pipeline = {
    learn: async (inputs, given) => {
      asked.push({ inputs, options: given });
      return { ...answer, snapshot: () => options.snapshot ?? "{}\n" };
    },
    suggest: async (inputs, given) => {
      asked.push({ inputs, options: given });
      return answer;
    },
    review: async (inputs, given) => {
      asked.push({ inputs, options: given });
      return { ...answer, review: options.review ?? NO_REVIEW };
    },
    ...options.pipeline,
  };
  const code = await main(argv, {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    cwd: import.meta.dirname,
    now: () => MONDAY,
    signal: new AbortController().signal,
    loadPipeline: async () => pipeline,
    ...options.io,
  });
  return { code, stdout: stdout.text, stderr: stderr.text, asked };
}
