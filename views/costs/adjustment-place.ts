import { z } from 'zod';
import { ADJUSTMENT_KINDS, type AdjustmentKind } from '../../src/billing/invoice/adjustment.ts';
import { readKept } from '../../src/slack/requests/kept-state.ts';

/** The button in the list that opens the form. */
export const ADJUSTMENT_ADD = 'adjustment.add';

export const KIND_NAMES = {
  discount: { title: 'Discounts', form: 'New discount', one: 'discount', many: 'discounts' },
  charge: { title: 'Extra charges', form: 'New extra charge', one: 'extra charge', many: 'extra charges' },
  commitment: { title: 'Commitments', form: 'New commitment', one: 'commitment', many: 'commitments' },
} as const satisfies Record<AdjustmentKind, unknown>;

const placeSchema = z.object({
  account: z.string(),
  group: z.string().default(''),
  kind: z.enum(ADJUSTMENT_KINDS),
  page: z.number().default(1),
  /** The adjustment that a button is about. */
  id: z.string().optional(),
});

/** What a list shows: the account or group, the kind, and the page. */
export type ListPlace = z.infer<typeof placeSchema>;

export function readListPlace(value: string | undefined): ListPlace {
  return readKept(placeSchema, value ?? '{}');
}

export function writeListPlace(place: ListPlace): string {
  return JSON.stringify(place);
}
