/** Reads bytes from the front of a stream: a given number of them, or as they come. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #hasEnded = false;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#source = bytes[Symbol.asyncIterator]();
  }

  /** The next bytes without taking them: fewer only if the stream ends before. */
  async peek(size: number): Promise<Buffer> {
    while (this.#heldBytes < size && (await this.#pull()));
    if (this.#held.length > 1) this.#held = [Buffer.concat(this.#held)];
    return (this.#held[0] ?? Buffer.alloc(0)).subarray(0, size);
  }

  /** Takes the next bytes. @returns undefined if the stream has fewer left */
  async take(size: number): Promise<Buffer | undefined> {
    const bytes = await this.peek(size);
    if (bytes.length < size) return undefined;
    this.#drop(size);
    return bytes;
  }

  /** Takes whatever comes next, at most `limit` bytes; undefined at the end. */
  async some(limit = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
    while (this.#heldBytes === 0) if (!(await this.#pull())) return undefined;
    const first = this.#held[0] as Buffer;
    const piece = first.length <= limit ? first : first.subarray(0, limit);
    this.#drop(piece.length);
    return piece;
  }

  /** Skips bytes. @returns whether there were as many */
  async skip(size: number): Promise<boolean> {
    for (let left = size; left > 0; ) {
      const piece = await this.some(left);
      if (piece === undefined) return false;
      left -= piece.length;
    }
    return true;
  }

  /** Puts bytes back that were taken last. */
  putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#held.unshift(bytes);
    this.#heldBytes += bytes.length;
  }

  /** What is left, as it comes. Closes the stream at the end, or when the caller stops early. */
  async *rest(): AsyncGenerator<Buffer, void> {
    try {
      for (let piece = await this.some(); piece !== undefined; piece = await this.some()) yield piece;
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #pull(): Promise<boolean> {
    if (this.#hasEnded) return false;
    const { done, value } = await this.#source.next();
    if (done) {
      this.#hasEnded = true;
      return false;
    }
    if (value.length > 0) this.#held.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    this.#heldBytes += value.length;
    return true;
  }

  #drop(size: number): void {
    this.#heldBytes -= size;
    for (let left = size; left > 0; ) {
      const first = this.#held[0] as Buffer;
      if (first.length > left) {
        this.#held[0] = first.subarray(left);
        return;
      }
      left -= first.length;
      this.#held.shift();
    }
  }
}
