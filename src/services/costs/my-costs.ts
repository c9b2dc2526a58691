import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { labeledProjects } from '../../store/groups/project-reads.ts';
import { invoiceIdsOfPeriods } from '../../store/invoicing/invoice-reads.ts';
import { costsOfProjects, costsOfServices } from '../../store/invoicing/line-sums.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { myProjectIds } from '../projects/project-leads.ts';
import { type CostShare, largestShares } from './cost-overview.ts';

/** The costs of the projects that a person leads, before adjustments, credits and tax. */
export interface MyCosts {
  readonly period: Period;
  /** How many projects the person leads. */
  readonly projects: number;
  /** By currency. The projects and the services each add up to them. */
  readonly totals: readonly { readonly currency: string; readonly amount: Decimal }[];
  /** Largest first; the name is null for all others. */
  readonly byProject: readonly CostShare[];
  readonly byService: readonly CostShare[];
}

/**
 * A period's costs of the projects that the caller leads, in all groups they were in that the caller sees; for the open period by default.
 * Five queries besides those of the admission. @throws {Refusal} `account_not_found`
 */
export async function myCosts(ctx: Ctx, accountId: string, asked?: Period): Promise<MyCosts> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const period = asked ?? periodAt(ctx.clock.now(), account.timeZone);
  const ids = await myProjectIds(ctx, accountId);
  const source = { hiddenInvoiceIds: await invoiceIdsOfPeriods(accountId, sight.hidden, [period]) };
  const costs = await costsOfProjects(accountId, ids, period, source);
  const projects = new Map((await labeledProjects(accountId, ids)).map((one) => [one._id, one]));
  const currencies = [...new Set(costs.map(({ currency }) => currency))].sort();
  return {
    period,
    projects: ids.length,
    totals: currencies.map((currency) => ({
      currency,
      amount: sum(costs.map((one) => (one.currency === currency ? one.amount : ZERO))),
    })),
    byProject: largestShares(
      costs.map(({ projectId, currency, amount }) => {
        const { name = '', label = null } = projects.get(projectId) ?? {};
        return { name, label, currency, amount };
      }),
    ),
    byService: largestShares(await costsOfServices(accountId, ids, period, source)),
  };
}
