import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import { Refusal } from '../billing/refusal.ts';
import type { BillingDocument } from './document.ts';
import type { Generated, WholeFormat } from './generate.ts';
import { toSent } from './sent-value.ts';
import type { DocumentTask } from './worker.ts';

/** Each thread keeps its fonts in memory, and one core is left for requests. */
const MOST_THREADS = 4;
/**
 * How many documents can be in progress or queued. A document takes a tenth of a second, a very long one two seconds.
 */
const MOST_PENDING = 100;
const IDLE_MS = 60_000;

/** After how many seconds to retry a request that met a full queue. */
export const BUSY_RETRY_SECONDS = 60;

export interface DocumentPoolOptions {
  readonly threads?: number;
  /** How many documents can be in progress or queued. */
  readonly mostPending?: number;
  /** The module that each thread runs. */
  readonly entry?: URL;
}

/** Generates documents in threads, so that the event loop stays free. Threads start with the first document. */
export class DocumentPool {
  readonly #threads: number;
  readonly #mostPending: number;
  readonly #entry: string;
  #workers: Piscina<DocumentTask, Generated & { threadId: number }> | undefined;
  #pending = 0;
  #generated = 0;

  constructor({ threads, mostPending = MOST_PENDING, entry = workerEntry() }: DocumentPoolOptions = {}) {
    this.#threads = threads ?? Math.min(MOST_THREADS, Math.max(1, availableParallelism() - 1));
    this.#mostPending = mostPending;
    this.#entry = fileURLToPath(entry);
  }

  /** How many documents have been generated so far. */
  get generated(): number {
    return this.#generated;
  }

  /**
   * Generates a document in a thread. A thread that crashes is replaced, and only its own document fails.
   *
   * @throws {Refusal} `documents_busy` when the queue is full
   * @throws {Error} for a document that can't be generated, or when its thread crashed
   */
  async generate(document: BillingDocument, format: WholeFormat): Promise<Generated & { readonly threadId: number }> {
    if (this.#pending >= this.#mostPending) throw new Refusal('documents_busy');
    this.#pending += 1;
    try {
      const result = await this.#started().run({ document: toSent(document), format });
      this.#generated += 1;
      return result;
    } finally {
      this.#pending -= 1;
    }
  }

  /** Stops all threads; documents in progress fail. The next document would start them again. */
  async stop(): Promise<void> {
    const workers = this.#workers;
    this.#workers = undefined;
    await workers?.destroy();
  }

  #started(): Piscina<DocumentTask, Generated & { threadId: number }> {
    if (this.#workers) return this.#workers;
    const workers = new Piscina<DocumentTask, Generated & { threadId: number }>({
      filename: this.#entry,
      minThreads: 1,
      maxThreads: this.#threads,
      idleTimeout: IDLE_MS,
      // in the order of requests
      stricterFIFO: true,
      execArgv: execArgvFor(this.#entry),
    });
    // a thread that crashes between two documents is replaced, and nobody is waiting for it
    workers.on('error', () => undefined);
    this.#workers = workers;
    return workers;
  }
}

export const documentPool = new DocumentPool();

/** Beside this module, in the same language: TypeScript, or JavaScript once compiled. */
function workerEntry(): URL {
  return new URL(`./worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}

/** A thread that runs TypeScript needs the loader, even if the process itself was started without it, as by Jest. */
function execArgvFor(entry: string): string[] {
  if (extname(entry) !== '.ts') return [];
  const loader = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(loader).href];
}
