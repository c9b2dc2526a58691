/**
 * Caches expensive results as long as their input is unchanged, which the stamp indicates. Concurrent requests for the
 * same result share one calculation. Limited to this process and to the given number of results.
 */
export class Remembered<T> {
  private readonly kept = new Map<string, { readonly stamp: string; readonly answer: Promise<T> }>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /**
   * The cached result for a key and stamp, or the result of `work`. @throws what `work` throws, to all callers waiting
   * for it
   */
  get(question: string, stamp: string, work: () => Promise<T>): Promise<T> {
    const known = this.kept.get(question);
    if (known?.stamp === stamp) return known.answer;
    const answer = work();
    // moved to the end, so that the first one is always the oldest
    this.kept.delete(question);
    this.kept.set(question, { stamp, answer });
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.most && oldest !== undefined) this.kept.delete(oldest);
    answer.catch(() => {
      if (this.kept.get(question)?.answer === answer) this.kept.delete(question);
    });
    return answer;
  }
}
