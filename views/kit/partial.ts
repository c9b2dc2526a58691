import type { KnownBlock } from '@slack/types';
import { context } from '../../src/slack/blocks/blocks.ts';

/** What totals leave out for a person who doesn't see all billing groups. */
export const PARTIAL = 'Private billing groups that you can’t see aren’t included.';

/** The same as a line under figures; nothing for a person who sees all billing groups. */
export function partialNote({ isPartial }: { readonly isPartial: boolean }): KnownBlock[] {
  return isPartial ? [context(PARTIAL)] : [];
}
