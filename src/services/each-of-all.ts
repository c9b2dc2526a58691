/**
 * Does something with each, one after another; one that fails keeps nobody else from their turn.
 *
 * @throws the first failure, after all had their turn
 */
export async function eachOfAll<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const one of all) {
    try {
      await work(one);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
