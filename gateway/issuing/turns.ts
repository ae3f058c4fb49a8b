/** Tasks that must not run side by side: those of one name run one after the other, in the order asked for. */

export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the task when those before it have ended, however they ended. */
  take<T>(name: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const done = before.then(task);
    const settled = done.catch(() => undefined);
    this.#last.set(name, settled);
    void settled.then(() => {
      if (this.#last.get(name) === settled) this.#last.delete(name);
    });
    return done;
  }
}
