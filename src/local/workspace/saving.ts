import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { arrayOf, isFields, parseJson } from './json.ts';
import type { Saved, WorkspaceState } from './state.ts';
import type { Change, Channel, FileRecord, Message } from './types.ts';

const SETTLE_MS = 200;
/** How long after a write that failed the next one is tried. */
const RETRY_MS = 2_000;
/** Changes to what is kept; the others are gone with the process. */
const KEPT: readonly Change['kind'][] = ['message', 'message_deleted', 'channel', 'reset'];

/**
 * Writes the state to its file: before a call that changed it is answered, some time after every other change, and at the
 * end. Kept: channels, messages, files. A write that failed is tried again until one works.
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

  /** @param onOutcome told after each write: undefined, or why it failed */
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

  /** Higher after each change to what is kept. */
  get revision(): number {
    return this.#revision;
  }

  /** Resolves once all changes up to now are in the file. @throws {Error} the file system's, when they can't be */
  stored(): Promise<void> {
    // those who come while a write goes on share the next one
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      const write = this.#write();
      this.#writing = write.catch(() => undefined);
      return write;
    });
    return this.#next;
  }

  /** Writes what is still to be written. */
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

  /** To a file of its own that then takes the place of the old one. */
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

/** What an earlier run kept; undefined when there is none. @throws Error when the file is there and cannot be read as such */
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
