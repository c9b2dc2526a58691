import { ACCESS_REFUSALS } from './access.ts';
import { ACCOUNT_REFUSALS } from './accounts.ts';
import { COST_REFUSALS } from './costs.ts';
import { GROUP_REFUSALS } from './groups.ts';
import { INVOICING_REFUSALS } from './invoicing.ts';
import type { RefusalKind } from './kind.ts';
import { PROJECT_REFUSALS } from './projects.ts';
import { SETTLEMENT_REFUSALS } from './settlement.ts';
import { SLACK_REFUSALS } from './slack.ts';
import { SOURCE_REFUSALS } from './sources.ts';

/** Every code that the API can respond with. */
export const API_REFUSALS = {
  ...ACCESS_REFUSALS,
  ...ACCOUNT_REFUSALS,
  ...COST_REFUSALS,
  ...GROUP_REFUSALS,
  ...INVOICING_REFUSALS,
  ...PROJECT_REFUSALS,
  ...SETTLEMENT_REFUSALS,
  ...SOURCE_REFUSALS,
};

/**
 * The registry of user errors. Each code has its HTTP status, its data, and whether the request can be retried. The
 * text for people is in src/slack/refusal-texts, the text for programs in src/api/refusal-texts.
 */
export const REFUSALS = { ...API_REFUSALS, ...SLACK_REFUSALS };

export type RefusalCode = keyof typeof REFUSALS;

/** The data of a refusal with this code. */
export type RefusalData<Code extends RefusalCode> =
  (typeof REFUSALS)[Code] extends RefusalKind<infer Data> ? Data : never;
