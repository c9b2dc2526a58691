import { Refusal } from '../../billing/refusal.ts';

/** How much a compressed file may expand to. */
export interface ExpansionLimits {
  /** In total, in bytes. */
  readonly maxBytes: number;
  /** How many times its compressed size, once more than `freeBytes` were unpacked. */
  readonly maxRatio: number;
  /** This many bytes may be unpacked at any ratio: small files of equal rows compress well. */
  readonly freeBytes: number;
}

/** Cost files compress to between a tenth and a hundredth of their size. A zip bomb compresses to a thousandth. */
export const EXPANSION_LIMITS: ExpansionLimits = {
  maxBytes: 20 * 1024 ** 3,
  maxRatio: 250,
  freeBytes: 64 * 1024 ** 2,
};

/** Counts what goes into and comes out of a decompression, and ends it when too much comes out. */
export class Expansion {
  readonly #limits: ExpansionLimits;
  #packed = 0;
  #unpacked = 0;

  constructor(limits: ExpansionLimits = EXPANSION_LIMITS) {
    this.#limits = limits;
  }

  takeIn(bytes: number): void {
    this.#packed += bytes;
  }

  /** @throws {Refusal} `focus_file` when the file expands too much */
  giveOut(bytes: number): void {
    this.#unpacked += bytes;
    const { maxBytes, maxRatio, freeBytes } = this.#limits;
    if (this.#unpacked > maxBytes) {
      throw new Refusal('focus_file', {
        problem: `Unpacked, the file has more than ${sizeOf(maxBytes)}.`,
        remedy: 'Export fewer months at a time.',
      });
    }
    if (this.#unpacked > freeBytes && this.#unpacked > this.#packed * maxRatio) {
      throw new Refusal('focus_file', {
        problem: `The file unpacks to more than ${maxRatio} times its size, which cost files don’t do. It was not read any further.`,
        remedy: 'Unpack it yourself and check what it contains.',
      });
    }
  }
}

function sizeOf(bytes: number): string {
  return bytes >= 1024 ** 3 ? `${Math.floor(bytes / 1024 ** 3)} GB` : `${Math.floor(bytes / 1024 ** 2)} MB`;
}
