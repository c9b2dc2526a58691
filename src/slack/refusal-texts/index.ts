import type { Refusal } from '../../billing/refusal.ts';
import type { REFUSALS } from '../../billing/refusals/index.ts';
import { ACCESS_TEXTS } from './access-texts.ts';
import { ACCOUNT_TEXTS } from './account-texts.ts';
import { COST_TEXTS } from './cost-texts.ts';
import { GROUP_TEXTS } from './group-texts.ts';
import { INVOICING_TEXTS } from './invoicing-texts.ts';
import { PROJECT_TEXTS } from './project-texts.ts';
import { SETTLEMENT_TEXTS } from './settlement-texts.ts';
import { SLACK_TEXTS } from './slack-texts.ts';
import { SOURCE_TEXTS } from './source-texts.ts';
import type { RefusalText, TextsOf } from './text.ts';

/** The text for people in Slack for every code. A code without a text doesn't compile. */
const TEXTS: TextsOf<typeof REFUSALS> = {
  ...ACCESS_TEXTS,
  ...ACCOUNT_TEXTS,
  ...COST_TEXTS,
  ...GROUP_TEXTS,
  ...INVOICING_TEXTS,
  ...PROJECT_TEXTS,
  ...SETTLEMENT_TEXTS,
  ...SLACK_TEXTS,
  ...SOURCE_TEXTS,
};

export interface RefusalWords {
  /** What was wrong with which input. */
  readonly message: string;
  /** What to do about it. Commands are between backticks. */
  readonly wayOut?: string;
}

/** A refusal in plain text for a person in Slack. */
export function refusalWords(refusal: Refusal): RefusalWords {
  // each function takes its own code's data
  const write = TEXTS[refusal.code] as (data: Refusal['data']) => RefusalText;
  const words = write(refusal.data);
  return typeof words === 'string' ? { message: words } : { message: words[0], wayOut: words[1] };
}

/** The same in one paragraph, for storing. */
export function refusalInFull(refusal: Refusal): string {
  const { message, wayOut } = refusalWords(refusal);
  return wayOut === undefined ? message : `${message} ${wayOut}`;
}

/**
 * A sentence for each invalid field, by its name; undefined if there is none. Has no commands, which can't be typed
 * into a form.
 */
export function fieldWords(refusal: Refusal): Readonly<Record<string, string>> | undefined {
  if ('fields' in refusal.data && refusal.data.fields) return refusal.data.fields;
  if (refusal.fields.length === 0) return undefined;
  const { message, wayOut } = refusalWords(refusal);
  const words = wayOut === undefined || wayOut.includes('`') ? message : `${message} ${wayOut}`;
  return Object.fromEntries(refusal.fields.map((field) => [field, words]));
}
