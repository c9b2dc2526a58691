/**
 * Answers that took long, kept as long as what they rest on is as it was: the stamp says how it is. Anyone who asks for
 * the same while it is being worked out waits for that one. In this process alone, and only as many as are named.
 */
export class Remembered<T> {
  private readonly kept = new Map<string, { readonly stamp: string; readonly answer: Promise<T> }>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** The answer to a question at a stamp; `work` is done when there is none yet. @throws what `work` throws, to all who wait */
  get(question: string, stamp: string, work: () => Promise<T>): Promise<T> {
    const known = this.kept.get(question);
    if (known?.stamp === stamp) return known.answer;
    const answer = work();
    // put behind all others, so that the first is the one that was asked for longest ago
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
