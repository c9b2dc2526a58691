import { toPeriod } from '../../../src/billing/period/period.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import type { CardProvider } from '../../../src/services/settlement/card-provider.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Groups, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import type { TestClock } from '../context.ts';
import { contextAt } from '../context.ts';
import { costRow, FOCUS_HEAD, groupWithCosts, payByCard } from '../invoices/invoices.ts';
import type { StripeStandIn } from '../stripe.ts';

export const OCTOBER = toPeriod('2026-10');
/** A card that the stand-in accepts. */
const CARD = 'cus_1/pm_visa_of_tests';

/** An account for one round of a race: its primary group with two projects and costs in October, and an empty group. */
export interface RaceWorld {
  readonly ctx: Ctx;
  readonly clock: TestClock;
  readonly cards: CardProvider;
  readonly stripe: StripeStandIn;
  readonly accountId: string;
  /** The primary group, which has the costs. */
  readonly groupId: string;
  readonly otherId: string;
  readonly projectId: string;
}

/** Before October is closed. */
export async function openWorld(
  given: Pick<RaceWorld, 'clock' | 'cards' | 'stripe'>,
  { who = 'nobody' as 'nobody' | 'both', timeZone = 'Etc/UTC' } = {},
): Promise<RaceWorld> {
  given.clock.set('2026-11-02T12:00:00Z');
  const ctx = contextAt(given.clock);
  const rows = [costRow('60'), costRow('40', { project: 'p2' })];
  const { account, group } = await groupWithCosts(ctx, rows, { timeZone });
  await Accounts.updateOne({ _id: account._id }, { $set: { approvalPolicy: { who, needed: 1 } } });
  const other = await createGroup(ctx, { accountId: account._id, name: 'Other' });
  await Groups.updateMany({ accountId: account._id }, { $set: { nextPeriod: OCTOBER } });
  const project = await Projects.findOne({ accountId: account._id, name: 'p1' }).orFail().lean();
  const ids = { accountId: account._id, groupId: group._id, otherId: other._id, projectId: project._id };
  return { ...given, ctx, ...ids };
}

/** With an invoice of EUR 119.00 for October, to be charged to a card or paid by transfer. */
export async function issuedWorld(
  given: Pick<RaceWorld, 'clock' | 'cards' | 'stripe'>,
  { byCard = false } = {},
): Promise<RaceWorld & { readonly invoiceId: string }> {
  const world = await openWorld(given);
  const group = { _id: world.groupId, accountId: world.accountId };
  if (byCard) await payByCard(world.ctx, group, CARD);
  await closeInvoice(world.ctx, group, OCTOBER);
  const invoice = await Invoices.findOne({ billingGroupId: world.groupId, period: OCTOBER }).orFail().lean();
  return { ...world, invoiceId: invoice._id };
}

/** A file of costs, as it is opened for an import. */
export function file(rows: readonly string[]): () => AsyncIterable<Uint8Array> {
  return async function* () {
    yield Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`);
  };
}
