import { shortArray } from "../lib/short-array.ts";

export const MS_PER_HOUR = 3_600_000;

/** Whole hours since the epoch, each once, in little memory: a window has few days. */
export class HourSet {
  /** Pairs of a day since the epoch and 24 bits, one an hour. */
  #days: number[] = [];

  get isEmpty(): boolean {
    return this.#days.length === 0;
  }

  add(hour: number): void {
    const day = Math.floor(hour / 24);
    this.#addHours(day, 1 << (hour - day * 24));
  }

  /** Adds the hour of a time in milliseconds since the epoch. */
  addTime(time: number): void {
    this.add(Math.floor(time / MS_PER_HOUR));
  }

  merge(other: HourSet): void {
    for (let at = 0; at < other.#days.length; at += 2) this.#addHours(other.#days[at] ?? 0, other.#days[at + 1] ?? 0);
  }

  /** All hours, ascending. */
  list(): number[] {
    const hours: number[] = [];
    for (let at = 0; at < this.#days.length; at += 2) {
      const [day, bits] = [this.#days[at] ?? 0, this.#days[at + 1] ?? 0];
      for (let hour = 0; hour < 24; hour++) if ((bits & (1 << hour)) !== 0) hours.push(day * 24 + hour);
    }
    return hours.toSorted((a, b) => a - b);
  }

  #addHours(day: number, bits: number): void {
    for (let at = 0; at < this.#days.length; at += 2) {
      if (this.#days[at] === day) return void (this.#days[at + 1] = (this.#days[at + 1] ?? 0) | bits);
    }
    if (this.#days.length === 0) this.#days = shortArray(day);
    else this.#days.push(day);
    this.#days.push(bits);
  }
}
