/** Changes of registers take turns; those of different registers run side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the task when those before it of the same names have ended, however they ended. */
  take<T>(names: readonly string[], task: () => Promise<T>): Promise<T> {
    const before = Promise.all(names.map((name) => this.#last.get(name)));
    const done = before.then(task);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    for (const name of names) this.#last.set(name, settled);
    void settled.then(() => {
      for (const name of names) if (this.#last.get(name) === settled) this.#last.delete(name);
    });
    return done;
  }

  /** When all that were under way when this was called have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
