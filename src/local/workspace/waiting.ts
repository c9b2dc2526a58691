import type { WorkspaceState } from './state.ts';

/**
 * Resolves with what `look` returns, as soon as that is truthy: it is called at once and after every change.
 * @param describe says in the error what there was instead.
 * @throws Error when `timeoutMs` have passed
 */
export function waitFor<T>(
  state: WorkspaceState,
  look: () => T | Promise<T>,
  timeoutMs: number,
  describe: () => string,
): Promise<NonNullable<T>> {
  return new Promise((resolve, reject) => {
    const finish = (end: () => void) => {
      clearTimeout(timer);
      unsubscribe();
      end();
    };
    const check = async () => {
      try {
        const found = await look();
        if (found) finish(() => resolve(found));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const timer = setTimeout(
      () => finish(() => reject(new Error(`Nothing of the kind within ${timeoutMs} ms. ${describe()}`))),
      timeoutMs,
    );
    const unsubscribe = state.onChange(check);
    void check();
  });
}
