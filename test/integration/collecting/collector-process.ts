import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../../end-to-end/command.ts";

/** One record of the log, as `--log-format json` prints it. */
export interface LogEvent {
  readonly event: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** How a collector ended. */
export interface CollectorEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const COMPILE_CACHE = { NODE_COMPILE_CACHE: path.join(ROOT, ".cache/compile") };

/** `netlearn collect` in a process of its own, which can be killed and whose log can be followed. */
export class CollectorProcess {
  readonly events: LogEvent[] = [];
  readonly ended: Promise<CollectorEnd>;
  readonly #child: ChildProcess;
  #onEvent: (event: LogEvent) => void = () => {};

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const script = path.join(ROOT, "bin/netlearn.js");
    this.#child = spawn(process.execPath, [script, ...args, "--log-format", "json", "--verbose"], {
      env: { ...process.env, ...COMPILE_CACHE, NO_COLOR: "1", NETLEARN_CONFIG: undefined, ...environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.ended = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => resolve({ code, signal }));
    });
    const { stderr } = this.#child;
    if (stderr !== null) createInterface({ input: stderr }).on("line", (line) => this.#hear(line));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  count(event: string): number {
    return this.events.filter((one) => one.event === event).length;
  }

  onEvent(hear: (event: LogEvent) => void): void {
    this.#onEvent = hear;
  }

  /** Resolves when an event was logged; rejects with the log when the process ends before. */
  async until(event: string, isIt: (event: LogEvent) => boolean = () => true): Promise<LogEvent> {
    const fits = (one: LogEvent): boolean => one.event === event && isIt(one);
    const known = this.events.find(fits);
    if (known !== undefined) return known;
    const heard = new Promise<LogEvent>((resolve) => {
      const before = this.#onEvent;
      this.#onEvent = (one) => {
        before(one);
        if (fits(one)) resolve(one);
      };
    });
    const over = this.ended.then((end) => {
      throw new Error(`the collector ended (${JSON.stringify(end)}) before ${event}:\n${this.log()}`);
    });
    return await Promise.race([heard, over]);
  }

  /** The end of the log, for messages of failing tests. */
  log(): string {
    return this.events
      .slice(-20)
      .map((event) => JSON.stringify(event))
      .join("\n");
  }

  #hear(line: string): void {
    let event: LogEvent;
    try {
      event = JSON.parse(line);
    } catch {
      event = { event: "unreadable", level: "error", line };
    }
    this.events.push(event);
    this.#onEvent(event);
  }
}
