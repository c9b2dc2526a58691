import { conflict, invalid, notFound } from './kind.ts';

/** Sources of cost files. */
export const SOURCE_REFUSALS = {
  secrets_key_missing: conflict(),
  /** `problem` is a sentence that says what to enter. */
  source_invalid: invalid<{ readonly field: string; readonly problem: string }>(),
  source_name_taken: conflict<{ readonly name: string }>('name'),
  source_not_found: notFound<{ readonly name?: string }>(),
  /** `problem` is a sentence about the place or its files, and `remedy` says what to do. */
  source_unreadable: conflict<{ readonly problem: string; readonly remedy?: string }>(),
  too_many_sources: conflict<{ readonly most: number }>(),
};
