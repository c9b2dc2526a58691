import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Stores the bytes of files: in memory, or in a folder to keep them between runs. */
export class FileBytes {
  readonly #memory = new Map<string, Buffer>();
  readonly #folder: string | undefined;

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  async put(id: string, bytes: Buffer): Promise<void> {
    if (this.#folder === undefined) {
      this.#memory.set(id, bytes);
      return;
    }
    await mkdir(this.#folder, { recursive: true });
    await writeFile(join(this.#folder, id), bytes);
  }

  async clear(): Promise<void> {
    this.#memory.clear();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  /** @param id one of the workspace's own IDs; anything else is unknown, so that it can't name another path */
  async get(id: string): Promise<Buffer | undefined> {
    if (!/^F[0-9A-Z]+$/.test(id)) return undefined;
    if (this.#folder === undefined) return this.#memory.get(id);
    return readFile(join(this.#folder, id)).catch(() => undefined);
  }
}
