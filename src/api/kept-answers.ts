import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const MEGABYTE = 1024 * 1024;
/** All kept answers of a process together. */
const MOST_BYTES = 16 * MEGABYTE;
/** An answer that nobody has asked for since is dropped. */
const UNUSED_MS = 10 * 60_000;
const compress = promisify(gzip);

/** An answer as it is sent. */
export interface Written {
  readonly bytes: Buffer;
  readonly etag: string;
  /** The cursor of the next page. */
  readonly next?: string | undefined;
}

/** The same, compressed once somebody asks for it. */
export interface KeptAnswer extends Written {
  gzipped(): Promise<Buffer>;
}

interface Kept {
  readonly stamp: string;
  readonly answer: KeptAnswer;
  readonly size: number;
  readonly usedAt: number;
}

export interface KeptAnswersOptions {
  readonly mostBytes?: number;
  /** Milliseconds that only go forward; the process's own by default. */
  readonly elapsed?: () => number;
}

/**
 * Answers as bytes, for as long as what they are made of is the same. They are never used without asking the database:
 * the stamp comes from there each time, for the caller's own account.
 */
export class KeptAnswers {
  private readonly kept = new Map<string, Kept>();
  private readonly mostBytes: number;
  private readonly elapsed: () => number;
  private bytes = 0;

  constructor({ mostBytes = MOST_BYTES, elapsed = () => performance.now() }: KeptAnswersOptions = {}) {
    this.mostBytes = mostBytes;
    this.elapsed = elapsed;
  }

  /**
   * The kept answer, or the one that is written now.
   *
   * @param question the same for the same request of the same account
   * @param stamp the same for the same answer
   * @throws what `write` throws
   */
  async get(question: string, stamp: string, write: () => Promise<Written>): Promise<KeptAnswer> {
    const known = this.kept.get(question);
    const answer = known?.stamp === stamp ? known.answer : keepable(await write());
    // moved to the end; another request may have kept the same meanwhile
    this.drop(question);
    // room for the compressed bytes too, which are fewer
    const size = answer.bytes.length * 2;
    if (size > this.mostBytes) return answer;
    this.kept.set(question, { stamp, answer, size, usedAt: this.elapsed() });
    this.bytes += size;
    this.makeRoom();
    return answer;
  }

  /** The one that was used least recently is always the first. */
  private makeRoom(): void {
    for (const [question, one] of this.kept) {
      if (this.bytes <= this.mostBytes && this.elapsed() - one.usedAt < UNUSED_MS) return;
      this.drop(question);
    }
  }

  private drop(question: string): void {
    this.bytes -= this.kept.get(question)?.size ?? 0;
    this.kept.delete(question);
  }
}

function keepable(written: Written): KeptAnswer {
  let zipped: Promise<Buffer> | undefined;
  const gzipped = () => {
    zipped ??= compress(written.bytes);
    return zipped;
  };
  return { ...written, gzipped };
}
