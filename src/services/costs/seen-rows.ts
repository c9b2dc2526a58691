import type { LoadDoc } from '../../store/costs/costs.ts';

/** 2 MB. With a million rows, one in 400 new rows is looked up in vain. */
const BITS = 2 ** 24;
/** How many bits stand for a row, each given by the next 24 bits of its hash. */
const PROBES = 4;
const HEX_DIGITS_OF_PROBE = 6;

/**
 * What an import knows about rows that it has stored itself, so that new rows needn't be looked up: which loads were
 * empty when it began, and a Bloom filter of the hashes in its batches so far. The filter says with certainty that a
 * hash hasn't been stored, and otherwise only that it may have been. Nobody else can add rows meanwhile, because an
 * import holds the account's lease, which each batch writes.
 */
export class SeenRows {
  readonly #loads = new Map<string, LoadDoc['_id']>();
  readonly #wasEmpty = new Map<string, boolean>();
  #bits: Uint8Array | undefined;

  /** Whether a load had no records when the import began; undefined if that isn't known yet. */
  wasEmpty(load: Pick<LoadDoc, '_id'>): boolean | undefined {
    return this.#wasEmpty.get(String(load._id));
  }

  /** The loads that the import has written. */
  get loads(): LoadDoc['_id'][] {
    return [...this.#loads.values()];
  }

  /** Whether a row with this hash may be in a batch of this import. */
  has(hash: string): boolean {
    const bits = this.#bits;
    return bits !== undefined && probesOf(hash).every((at) => ((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0);
  }

  /** Remembers a batch. Only once it is committed: a transaction may run several times. */
  add(batch: { readonly empty: ReadonlyMap<LoadDoc['_id'], boolean>; readonly hashes: readonly string[] }): void {
    for (const [load, wasEmpty] of batch.empty) {
      this.#loads.set(String(load), load);
      this.#wasEmpty.set(String(load), wasEmpty);
    }
    // no load is new, so the filter would never be asked
    if (![...this.#wasEmpty.values()].includes(true)) return;
    this.#bits ??= new Uint8Array(BITS / 8);
    for (const hash of batch.hashes) {
      for (const at of probesOf(hash)) this.#bits[at >> 3] = (this.#bits[at >> 3] ?? 0) | (1 << (at & 7));
    }
  }
}

function probesOf(hash: string): number[] {
  return Array.from(
    { length: PROBES },
    (_, at) => Number.parseInt(hash.slice(at * HEX_DIGITS_OF_PROBE, (at + 1) * HEX_DIGITS_OF_PROBE), 16) & (BITS - 1),
  );
}
