import type { Sight } from '../../billing/account/sight.ts';
import {
  type CellKind,
  type ChangeKind,
  changesByKind,
  compareMonths,
  type Elsewhere,
  largestChanges,
  type MonthCell,
} from '../../billing/insight/comparison.ts';
import type { LineType } from '../../billing/invoice/invoice.ts';
import type { Decimal } from '../../billing/money/money.ts';
import { type Period, periodAt, shiftPeriod, spanOf } from '../../billing/period/period.ts';
import { titlesOfProjects } from '../../store/groups/project-reads.ts';
import { invoicesOfPeriod } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { type LineCell, lineCellsOf, projectsWithCosts } from '../../store/invoicing/month-cells.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { isPartial, nameOfSubject, type Subject } from './subject.ts';

/** How many changes are named in each currency. */
const MOST_NAMED = 5;

/** A change of one project, or of one of its services. */
export interface NamedChange {
  readonly kind: ChangeKind;
  /** Null for what concerns a whole group. */
  readonly project: { readonly id: string; readonly title: string } | null;
  readonly service: string | null;
  readonly amount: Decimal;
}

/** In one currency, before tax and purchased credits. The changes by kind add up to the change, as do the named ones with all others. */
export interface CurrencyComparison {
  readonly currency: string;
  readonly now: Decimal;
  readonly before: Decimal;
  readonly change: Decimal;
  readonly byKind: readonly { readonly kind: ChangeKind; readonly amount: Decimal }[];
  readonly largest: readonly NamedChange[];
  /** The sum of the changes that aren't named; null if all are. */
  readonly others: Decimal | null;
}

export interface MonthComparison {
  /** Null for the whole account. */
  readonly subject: string | null;
  readonly period: Period;
  readonly before: Period;
  /** Whether the person doesn't see all groups, so that the account's totals are only of those that they see. */
  readonly isPartial: boolean;
  /** Whether the later month hasn't ended yet. */
  readonly isOpen: boolean;
  readonly currencies: readonly CurrencyComparison[];
}

/**
 * Compares a month with the one before it, on invoices and estimates: the last month that has ended by default. At most
 * eight queries besides that of the admission. @throws {Refusal} `account_not_found`
 */
export async function compareWithMonthBefore(
  ctx: Ctx,
  accountId: string,
  subject: Subject,
  asked?: Period,
): Promise<MonthComparison> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const period = asked ?? shiftPeriod(periodAt(now, account.timeZone), -1);
  const before = shiftPeriod(period, -1);
  const of = { subject, sight };
  const [is, was] = await Promise.all([monthOf(accountId, period, of), monthOf(accountId, before, of)]);
  const projectIds = [...new Set([...is.cells, ...was.cells].flatMap(({ projectId }) => projectId || []))];
  const [elsewhereNow, elsewhereBefore, titles] = await Promise.all([
    elsewhereIn(accountId, is, was),
    elsewhereIn(accountId, was, is),
    titlesOfProjects(accountId, projectIds),
  ]);
  const elsewhere = { now: elsewhereNow, before: elsewhereBefore };
  const currencies = [...new Set([...is.cells, ...was.cells].map(({ currency }) => currency))].sort();
  return {
    subject: nameOfSubject(subject),
    ...{ period, before },
    isPartial: isPartial(subject, sight),
    isOpen: now < spanOf(period, account.timeZone).end,
    currencies: currencies.map((currency) => {
      const own = ({ cells }: Month) => cells.filter((cell) => cell.currency === currency).flatMap(monthCells);
      const compared = compareMonths(currency, own(is), own(was), elsewhere);
      const { largest, others } = largestChanges(compared.parts, MOST_NAMED);
      return {
        ...{ currency, now: compared.now, before: compared.before, change: compared.change },
        byKind: changesByKind(compared.parts),
        largest: largest.map(({ kind, projectId, service, amount }) => ({
          ...{ kind, amount, service: service === '' ? null : service },
          project: projectId === '' ? null : { id: projectId, title: titles.get(projectId) ?? projectId },
        })),
        others: compared.parts.length > largest.length ? others : null,
      };
    }),
  };
}

/** A month's lines on the invoices that are compared, and the other invoices. */
interface Month {
  readonly period: Period;
  /** Of other groups. */
  readonly otherInvoiceIds: readonly string[];
  readonly cells: readonly LineCell[];
}

async function monthOf(
  accountId: string,
  period: Period,
  { subject, sight }: { readonly subject: Subject; readonly sight: Sight },
): Promise<Month> {
  const invoices = await invoicesOfPeriod(accountId, period, sight);
  const isOwn = ({ billingGroupId }: InvoiceDoc) => subject.kind !== 'group' || billingGroupId === subject.group._id;
  const ids = invoices.filter(isOwn).map(({ _id }) => _id);
  const projectId = subject.kind === 'project' ? subject.project._id : undefined;
  const others = invoices.filter((invoice) => !isOwn(invoice));
  const cells = ids.length === 0 ? [] : await lineCellsOf(accountId, ids, projectId);
  return { period, otherInvoiceIds: others.map(({ _id }) => _id), cells };
}

/** Where the projects that have costs only in the other month have theirs in this one. */
async function elsewhereIn(accountId: string, month: Month, other: Month): Promise<Elsewhere> {
  const costsIn = ({ cells }: Month) => new Set(cells.flatMap(({ isCost, projectId }) => (isCost ? [projectId] : [])));
  const own = costsIn(month);
  const missing = [...costsIn(other)].filter((id) => !own.has(id));
  const isLooked = missing.length > 0 && month.otherInvoiceIds.length > 0;
  const { period, otherInvoiceIds } = month;
  const moved = new Set(isLooked ? await projectsWithCosts(accountId, missing, period, otherInvoiceIds) : []);
  // only asked for projects without costs in the currency, so any costs here are in another
  return (projectId) => {
    if (moved.has(projectId)) return 'other group';
    return own.has(projectId) ? 'other currency' : undefined;
  };
}

const KINDS: Partial<Record<LineType, Exclude<CellKind, 'costs'>>> = {
  extra_charge: 'charges',
  support_charge: 'charges',
  commitment_fee: 'commitments',
  credit_consumption: 'credits',
  multiplier: 'discounts',
};

/** Costs before discounts, and the discounts, as two cells. */
function monthCells({ projectId, service, lineType, isCost, isLate, cost, total, original }: LineCell): MonthCell[] {
  const of = { projectId, service };
  if (!isCost) return [{ ...of, kind: KINDS[lineType] ?? 'other', amount: total, original: null }];
  return [
    { ...of, kind: isLate ? 'late_costs' : 'costs', amount: cost, original },
    { ...of, kind: 'discounts', amount: total.minus(cost), original: null },
  ];
}
