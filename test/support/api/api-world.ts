import { setRate } from '../../../src/services/costs/rates.ts';
import { createCampaign } from '../../../src/services/credits/credit-campaigns.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { contextAt, person } from '../context.ts';
import { costRow, groupWithCosts, OCTOBER } from '../invoices/invoices.ts';
import { tokenFor } from './api.ts';

/** The data that API clients see: an account with two groups, an invoice, an estimate, credits and tokens. */
export interface ApiWorld {
  readonly accountId: string;
  /** IDs as the API shows them. */
  readonly account: string;
  /** The group that pays for p1 and p2, with October invoiced, and an empty group. */
  readonly group: string;
  readonly other: string;
  readonly codes: readonly string[];
  readonly write: string;
  readonly read: string;
}

let made = 0;

/** The clock must be in November 2026. */
export async function apiWorld(ctx: Ctx): Promise<ApiWorld> {
  made += 1;
  const rows = [
    costRow('100.005'),
    costRow('50.00', { project: 'p2', service: 'Storage' }),
    costRow('12.34', { day: '2026-11-05' }),
    costRow('7.00', { day: '2026-11-05', project: 'p2' }),
  ];
  const { account, group } = await groupWithCosts(ctx, rows);
  const accountId = account._id;
  await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy: { who: 'nobody', needed: 1 } } });
  await setRate(ctx, { accountId, base: 'EUR', currency: 'USD', rate: '1.10', date: '2026-11-09' });
  await closeInvoice(ctx, group, OCTOBER);
  await refreshEstimates(ctx);
  const other = await createGroup(ctx, { accountId, name: 'Other' });
  const { codes } = await createCampaign(contextAt(ctx.clock, person('U_OWNER')), accountId, {
    name: `Spring ${made}`,
    type: 'promotion',
    value: '400.00',
    currency: 'EUR',
    startDay: null,
    endDay: null,
    claimsPerCode: 1,
    codes: 3,
    ownCode: null,
  });
  await numberEvents(ctx);
  return {
    accountId,
    account: accountId.slice(4),
    group: group._id.slice(3),
    other: other._id.slice(3),
    codes,
    write: await tokenFor(ctx.clock, accountId),
    read: await tokenFor(ctx.clock, accountId, { scope: 'billing:read', name: 'Reader' }),
  };
}
