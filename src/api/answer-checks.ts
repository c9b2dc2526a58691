import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';

/** Which answers are checked against their schemas before they are sent: all of them, or a sample. */
export type Checks = 'all' | 'sample';

/** Of a sample, the first answer of each operation and every hundredth from then on. */
const ONE_OF = 100;

/** Checks answers, since a check takes longer than everything else that a process does for a long list. */
export class AnswerChecks {
  private readonly made = new Map<string, number>();
  private readonly checks: Checks;

  constructor(checks: Checks) {
    this.checks = checks;
  }

  /**
   * Checks a text, or not.
   *
   * @param text of JSON, about to be sent
   * @throws {Error} if it is checked and isn't exactly what its schema describes; {ZodError} with the paths at fault
   */
  check(operation: string, schema: z.ZodType, text: string): void {
    const made = this.made.get(operation) ?? 0;
    this.made.set(operation, made + 1);
    if (this.checks === 'sample' && made % ONE_OF !== 0) return;
    const shown: unknown = JSON.parse(text);
    if (isDeepStrictEqual(schema.parse(shown), shown)) return;
    throw new Error(`${operation} responds with more than its schema describes`);
  }
}
