import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Clock } from '../billing/period/clock.ts';

const kept = z.object({ aheadMs: z.number() });

/** The machine's clock with an offset that is kept between runs. It can be set forward, never back. */
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

  /** The offset from the machine's clock in milliseconds; negative when behind. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** @throws {RangeError} for an instant that has passed */
  moveTo(instant: Date): void {
    if (instant <= this.now()) throw new RangeError('The clock can only be set forward.');
    this.#set(instant.getTime() - this.#machine());
  }

  /** Brings a clock that is behind up to the machine's. A clock that is ahead stays ahead. */
  catchUp(): void {
    if (this.#aheadMs < 0) this.#set(0);
  }

  /** Restarts at any instant. Only for data that starts over at the same time. */
  beginAt(instant: Date): void {
    this.#set(instant.getTime() - this.#machine());
  }

  /** Restarts with the machine's clock. Only for data that starts over at the same time. */
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
    return 0; // no file yet, or one that a kill truncated
  }
}
