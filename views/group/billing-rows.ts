import type { KnownBlock } from '@slack/types';
import {
  FIELD_NAMES,
  fieldOf,
  fieldText,
  type ViewLabel,
  viewLabelOf,
} from '../../src/billing/group/billing-fields.ts';
import type { BillingInformation, VatState } from '../../src/billing/group/billing-information.ts';
import { electronicAddressOf } from '../../src/billing/group/electronic-address.ts';
import { fields, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { LIMITS } from '../../src/slack/limits/limits.ts';

type TextOf = (billing: BillingInformation) => string;

const VAT_WORDS: Readonly<Record<VatState, string>> = {
  none: '',
  unconfirmed: 'not confirmed yet',
  valid: 'confirmed',
  invalid: 'rejected by the tax office',
};

/** Rows whose text differs from their field's, or that combine several fields. */
const OWN_TEXTS: { readonly [L in ViewLabel]?: TextOf } = {
  Address: (billing) =>
    [
      ...billing.addressLines,
      [billing.zipCode, billing.city].filter(Boolean).join(' '),
      billing.state,
      fieldText(billing, 'countryCode'),
    ]
      .filter(Boolean)
      .join('\n'),
  'VAT ID': ({ vatId, vatState }) => (vatId === '' ? '' : `${vatId} (${VAT_WORDS[vatState]})`),
  // what was entered, or what is derived from the VAT ID
  'Electronic address': (billing) => {
    const address = electronicAddressOf(billing);
    return address ? `${address.scheme}:${address.id}` : '';
  },
};

/**
 * The rows of billing information in the list's order: texts with several lines one below the other, others side by
 * side.
 *
 * @param after rows of the group's other facts, in mrkdwn, by the row that they follow
 */
export function billingRows(
  billing: BillingInformation,
  after: { readonly [L in ViewLabel]?: string } = {},
): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  let beside: string[] = [];
  const flush = () => {
    blocks.push(...inBlocks(beside));
    beside = [];
  };
  for (const label of new Set(FIELD_NAMES.map(viewLabelOf))) {
    const row = factRow(label, textOf(billing, label));
    if (isLong(label)) {
      flush();
      blocks.push(section(row));
    } else {
      beside.push(row);
    }
    beside.push(...[after[label] ?? []].flat());
  }
  flush();
  return blocks;
}

/** A fact about a group: its label and its text. */
export function factRow(label: string, text: string): string {
  return `*${label}*\n${text === '' ? '_not set_' : escapeMrkdwn(text)}`;
}

function textOf(billing: BillingInformation, label: ViewLabel): string {
  const own = OWN_TEXTS[label];
  if (own) return own(billing);
  const texts = FIELD_NAMES.filter((name) => viewLabelOf(name) === label).map((name) => fieldText(billing, name));
  return texts.filter(Boolean).join('\n');
}

function isLong(label: ViewLabel): boolean {
  return FIELD_NAMES.some((name) => viewLabelOf(name) === label && fieldOf(name).kind === 'text');
}

function inBlocks(rows: readonly string[]): KnownBlock[] {
  const most = LIMITS.section.fields;
  const starts = Array.from({ length: Math.ceil(rows.length / most) }, (_, at) => at * most);
  return starts.map((start) => fields(rows.slice(start, start + most)));
}
