/** How long people wait before they hear that their files are being read, in milliseconds. */
const NOTICE_AFTER_MS = 1_500;

/**
 * Tells a person once that their files are being read: at once for large files, otherwise when it takes a while, for
 * whatever reason.
 */
export class ReadingNotice {
  readonly #tell: (text: string) => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #told: Promise<void> | undefined;

  /** @param text what to say when it takes a while @param tell says it */
  constructor(text: string, tell: (text: string) => Promise<void>) {
    this.#tell = tell;
    this.#timer = setTimeout(() => {
      // `over` reports its failure
      this.now(text).catch(() => undefined);
    }, NOTICE_AFTER_MS);
  }

  /** Tells it now, unless that was done before. */
  now(text: string): Promise<void> {
    this.#told ??= this.#tell(text);
    return this.#told;
  }

  /** Must be called before the answer, which is posted after the notice, or instead of it. */
  async over(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#told;
  }
}
