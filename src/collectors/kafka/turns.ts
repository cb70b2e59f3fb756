/** Work that is done piece by piece, in the order it came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` after all that was given before, however that went. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return await turn;
  }

  /** Until everything given so far is done. */
  async done(): Promise<void> {
    await this.#last;
  }
}
