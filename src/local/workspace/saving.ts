import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { arrayOf, isFields, parseJson } from './json.ts';
import type { Saved, WorkspaceState } from './state.ts';
import type { Channel, FileRecord, Message } from './types.ts';

const SETTLE_MS = 200;

/** Writes the state to its file some time after each change, and at the end. Kept: channels, messages, files. */
export class Saving {
  readonly #state: WorkspaceState;
  readonly #file: string;
  readonly #onFault: (error: unknown) => void;
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(state: WorkspaceState, file: string, onFault: (error: unknown) => void) {
    this.#state = state;
    this.#file = file;
    this.#onFault = onFault;
    this.#unsubscribe = state.onChange(() => this.#later());
  }

  /** Writes what is still to be written. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
  }

  #later(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, SETTLE_MS);
    this.#timer.unref();
  }

  /** One write after the other, each to a file of its own that then takes the place of the old one. */
  #write(): void {
    this.#writing = this.#writing
      .then(async () => {
        const text = JSON.stringify(this.#state.saved());
        await mkdir(dirname(this.#file), { recursive: true });
        await writeFile(`${this.#file}.new`, text);
        await rename(`${this.#file}.new`, this.#file);
      })
      .catch(this.#onFault);
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
  if (!isFields(saved)) throw new Error(`${file} does not hold a workspace; move it away to begin anew`);
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
