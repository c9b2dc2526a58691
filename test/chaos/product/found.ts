import type { Message } from '../../../src/local/workspace/index.ts';
import type { StripeStandIn } from '../../support/stripe.ts';
import type { ChaosAccount } from './accounts.ts';
import type { DroppedFile } from './load.ts';

/** What the run left outside the database. */
export interface Traces {
  readonly messages: readonly Message[];
  readonly stripe: StripeStandIn;
  readonly files: ReadonlyMap<string, DroppedFile>;
  readonly accounts: readonly ChaosAccount[];
}

/** Problems in words, and how many objects were checked: a check of none proves nothing. */
export interface Found {
  readonly count: number;
  readonly faults: readonly string[];
}

export type Check = (account: ChaosAccount, traces: Traces) => Promise<Found>;
