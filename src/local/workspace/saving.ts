import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { arrayOf, isFields, parseJson } from './json.ts';
import type { Saved, WorkspaceState } from './state.ts';
import type { Change, Channel, FileRecord, Message } from './types.ts';

const SETTLE_MS = 200;
/** How long after a failed write it is retried. */
const RETRY_MS = 2_000;
/** Changes to what is saved. The rest is lost with the process. */
const KEPT: readonly Change['kind'][] = ['message', 'message_deleted', 'channel', 'reset'];

/**
 * Saves channels, messages and files: before a call that changed them is answered, shortly after any other change, and
 * at shutdown. A failed write is retried until it works.
 */
export class Saving {
  readonly #state: WorkspaceState;
  readonly #file: string;
  readonly #onOutcome: (error: unknown) => void;
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #revision = 0;
  #savedRevision = 0;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param onOutcome called after each write with undefined, or with why it failed */
  constructor(state: WorkspaceState, file: string, onOutcome: (error: unknown) => void) {
    this.#state = state;
    this.#file = file;
    this.#onOutcome = onOutcome;
    this.#unsubscribe = state.onChange((change) => {
      if (!KEPT.includes(change.kind) || ('to' in change && change.to !== undefined)) return;
      this.#revision += 1;
      this.#later(SETTLE_MS);
    });
  }

  /** Increases with each change to what is saved. */
  get revision(): number {
    return this.#revision;
  }

  /** Resolves once all changes so far are in the file. @throws {Error} the file system's, when they can't be saved */
  stored(): Promise<void> {
    // calls during a write share the next one
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      const write = this.#write();
      this.#writing = write.catch(() => undefined);
      return write;
    });
    return this.#next;
  }

  /** Saves what hasn't been saved yet. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.stored().catch(() => undefined);
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.stored().catch(() => undefined);
    }, ms);
    this.#timer.unref();
  }

  /** Writes to a new file that then replaces the old one. */
  async #write(): Promise<void> {
    const revision = this.#revision;
    if (revision === this.#savedRevision) return;
    try {
      await mkdir(dirname(this.#file), { recursive: true });
      await writeFile(`${this.#file}.new`, JSON.stringify(this.#state.saved()));
      await rename(`${this.#file}.new`, this.#file);
      this.#savedRevision = revision;
      this.#onOutcome(undefined);
    } catch (error) {
      this.#onOutcome(error);
      this.#later(RETRY_MS);
      throw error;
    }
  }
}

/** What an earlier run saved; undefined if nothing. @throws Error when the file exists but can't be read */
export async function readSaved(file: string): Promise<Saved | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const saved = parseJson(text);
  if (!isFields(saved)) throw new Error(`${file} isn’t a saved workspace. Move the file away to start again`);
  return {
    channels: (arrayOf(saved, 'channels') ?? []).filter(isChannel),
    messages: (arrayOf(saved, 'messages') ?? []).filter(isMessage),
    files: (arrayOf(saved, 'files') ?? []).filter(isFile),
  };
}

function isChannel(value: unknown): value is Channel {
  return isFields(value) && typeof value.id === 'string' && Array.isArray(value.members);
}

function isMessage(value: unknown): value is Message {
  return isFields(value) && [value.ts, value.channel, value.user, value.text].every((it) => typeof it === 'string');
}

function isFile(value: unknown): value is FileRecord {
  return isFields(value) && [value.id, value.name, value.mimetype].every((it) => typeof it === 'string');
}
