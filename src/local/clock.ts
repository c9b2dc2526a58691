import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Clock } from '../billing/period/clock.ts';

const kept = z.object({ aheadMs: z.number() });

/** The machine's clock, some time ahead of it or behind it. It is set forward, never back, and kept between runs. */
export class LocalClock implements Clock {
  readonly #file: string;
  readonly #machine: () => number;
  #aheadMs: number;

  /**
   * @param file where it is kept
   * @param machine milliseconds since 1970
   */
  constructor(file: string, machine: () => number = Date.now) {
    this.#file = file;
    this.#machine = machine;
    this.#aheadMs = aheadIn(file);
  }

  now(): Date {
    return new Date(this.#machine() + this.#aheadMs);
  }

  /** How far it is ahead of the machine's, in milliseconds; behind when negative. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** @throws {RangeError} for an instant that has passed */
  moveTo(instant: Date): void {
    if (instant <= this.now()) throw new RangeError('The clock can only be set forward.');
    this.#set(instant.getTime() - this.#machine());
  }

  /** Ends being behind the machine's clock; one that is ahead stays so. */
  catchUp(): void {
    if (this.#aheadMs < 0) this.#set(0);
  }

  /** Begins again, at any instant: only for data that begin again with it. */
  beginAt(instant: Date): void {
    this.#set(instant.getTime() - this.#machine());
  }

  /** Begins again with the machine's clock: only for data that begin again with it. */
  forget(): void {
    this.#aheadMs = 0;
    rmSync(this.#file, { force: true });
  }

  #set(aheadMs: number): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify({ aheadMs }));
    this.#aheadMs = aheadMs;
  }
}

function aheadIn(file: string): number {
  try {
    return kept.parse(JSON.parse(readFileSync(file, 'utf8'))).aheadMs;
  } catch {
    return 0; // there is none yet, or a kill cut it off
  }
}
