import type { WorkspaceState } from './state.ts';

/**
 * Resolves with the result of `look` as soon as it is truthy. It is called immediately and after every change.
 * @param describe says in the error what there was instead
 * @throws Error after `timeoutMs`
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
