/** Tasks that may overlap, so many at once. */

/** All items, begun in order. After a failure no more are begun, and those under way are waited for. @throws what failed first */
export async function sideBySide<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const failures: unknown[] = [];
  async function work(): Promise<void> {
    for (const item of waiting) {
      if (failures.length > 0) return;
      await task(item).catch((error: unknown) => failures.push(error));
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failures.length > 0) throw failures[0];
}
