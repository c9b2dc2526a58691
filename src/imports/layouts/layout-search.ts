import type { CostMapping } from '../../billing/cost/cost-mapping.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { CsvRecord } from '../file/csv.ts';
import { MAX_RECORDS_ABOVE, mappingFor } from '../mapping/find-mapping.ts';
import { type Layout, layoutOf } from './layout.ts';
import { mappingLayout } from './mapping-layout.ts';

/** How files that aren't in a known layout are read. */
export interface MappingOptions {
  /** The account's mappings. */
  readonly mappings?: readonly CostMapping[];
  /** YYYY-MM: the month of all charges, for a file whose mapping has no dates. */
  readonly month?: string;
}

/**
 * Looks for the record that names a table's columns: the first one or, for a mapped table, one of the first thirty,
 * since programs write something above it.
 */
export class LayoutSearch {
  readonly #options: MappingOptions;
  readonly #separator: string | undefined;
  #first: Refusal | undefined;
  #records = 0;

  /** @param separator of the file; undefined if it isn't CSV */
  constructor(options: MappingOptions, separator?: string) {
    this.#options = options;
    this.#separator = separator;
  }

  /**
   * @param firstBytes of the file, used to recognize files that aren't CSV
   * @returns undefined if it may be in a later record
   * @throws {Refusal} `focus_file` if the table has no layout that is known
   */
  next({ fields }: CsvRecord, firstBytes?: Uint8Array): Layout | undefined {
    this.#records += 1;
    const { mappings = [], month } = this.#options;
    if (this.#first === undefined) {
      try {
        return layoutOf(fields, firstBytes);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // people expect the reason to be about the first line
        this.#first = error;
      }
    }
    const mapping = mappingFor(fields, mappings, this.#separator);
    if (mapping) return mappingLayout(mapping, fields, month);
    if (mappings.length === 0 || this.#records > MAX_RECORDS_ABOVE) throw this.#first;
    return undefined;
  }

  /** Why the layout of a file isn't known that ends here; undefined if it has no record at all. */
  get failure(): Refusal | undefined {
    return this.#first;
  }
}
