import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../support/simulator/random.ts";
import type { CollectorProcess } from "./collector-process.ts";

/** What happened to the collectors. */
export interface Toll {
  readonly kills: number;
  /** Kills between the beginning of reading and the end of the process, and not while it was still starting. */
  readonly atWork: number;
  /** Collectors that were stopped until they counted as dead, and then went on: zombies. */
  readonly zombies: number;
  readonly assignments: number;
  readonly folds: number;
  readonly refused: number;
}

/** Collectors that are started again whenever they die. */
export class Flock {
  readonly #start: (nth: number) => CollectorProcess;
  readonly #alive: CollectorProcess[] = [];
  readonly #all: CollectorProcess[] = [];
  #kills = 0;
  #atWork = 0;
  #zombies = 0;
  #isOver = false;
  #unexpected: Error | undefined;

  constructor(size: number, start: (nth: number) => CollectorProcess) {
    this.#start = start;
    for (let nth = 0; nth < size; nth++) this.#keepAlive(nth);
  }

  /** Kills random collectors at random moments, one or several at once, until so many died. */
  async kill(times: number, random: Random): Promise<void> {
    while (this.#kills < times) {
      if (this.#unexpected !== undefined) throw this.#unexpected;
      const first = random.pick(this.#alive);
      // Two of three die while they read, at any moment of it; the others whenever it comes.
      if (random.chance(0.67)) await Promise.race([first.until("folded"), first.ended]);
      await sleep(random.integer(0, 1500));
      const victims = this.#alive.filter((one) => one === first || random.chance(0.2));
      await Promise.all(victims.map(async (victim) => await this.#end(victim)));
    }
  }

  /**
   * Stops a collector that is reading, for so long that the group gives its partitions to others, and lets it go on: with
   * what it had read, and in the belief that nothing happened.
   */
  async makeZombie(random: Random, milliseconds: number): Promise<void> {
    const victim = random.pick(this.#alive);
    await Promise.race([victim.until("folded"), victim.ended]);
    await sleep(random.integer(200, 1200));
    if (!victim.isRunning) return;
    this.#zombies++;
    victim.kill("SIGSTOP");
    await sleep(milliseconds);
    victim.kill("SIGCONT");
    await sleep(1500);
  }

  async #end(victim: CollectorProcess): Promise<void> {
    if (!victim.isRunning) return;
    this.#atWork += victim.count("folded") > 0 ? 1 : 0;
    this.#kills++;
    victim.kill("SIGKILL");
    await victim.ended;
  }

  /** Ends them all in good order and says what happened. */
  async stop(): Promise<Toll> {
    this.#isOver = true;
    for (const one of this.#alive) one.kill("SIGTERM");
    await Promise.all(this.#all.map(async ({ ended }) => await ended));
    if (this.#unexpected !== undefined) throw this.#unexpected;
    const count = (event: string): number => this.#all.reduce((sum, one) => sum + one.count(event), 0);
    return {
      kills: this.#kills,
      atWork: this.#atWork,
      zombies: this.#zombies,
      assignments: count("assigned"),
      folds: count("folded"),
      refused: count("fenced"),
    };
  }

  #keepAlive(nth: number): void {
    const collector = this.#start(nth);
    this.#alive[nth] = collector;
    this.#all.push(collector);
    void collector.ended.then(({ code, signal }) => {
      if (this.#isOver) return;
      if (signal === "SIGKILL") this.#keepAlive(nth);
      else this.#unexpected ??= new Error(`collector ${nth} ended by itself with ${code}:\n${collector.log()}`);
    });
  }
}
