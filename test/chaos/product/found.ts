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

/** What is wrong, in words, and of how many things it was looked for: a check of nothing proves nothing. */
export interface Found {
  readonly count: number;
  readonly faults: readonly string[];
}

export type Check = (account: ChaosAccount, traces: Traces) => Promise<Found>;
