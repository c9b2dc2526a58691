import mongoose from 'mongoose';
import { type Decimal, sum, ZERO } from '../../../billing/money/money.ts';
import { type Period, toPeriod } from '../../../billing/period/period.ts';
import { MANY } from '../../kit/read-together.ts';
import { text } from '../../kit/schema-fields.ts';
import { ColumnSums, columnsOf, type ExactColumn } from './exact-columns.ts';

type Id = mongoose.Types.ObjectId;

/**
 * What projects cost in a month, of one load: each project's sums by day, added up. Stored with the load's other sums,
 * under the same ID, and counts as long as those do (`CostSumDoc`). An account's costs by project would otherwise be
 * added up from a document for each project, service and month.
 */
export interface ProjectTotalsDoc {
  readonly _id: Id;
  readonly accountId: string;
  readonly sumsId: Id;
  /** The month of the days, as in `CostDaysDoc`. */
  readonly month: Period;
  /** The first and the last day with costs of the load in this month, YYYY-MM-DD. */
  readonly from: string;
  readonly until: string;
  readonly currency: string;
  /** The projects' IDs in order, a line each. */
  readonly projects: string;
  /** Their amounts, in the same order. */
  readonly amounts: readonly ExactColumn[];
}

/** Keeps documents below a megabyte. */
const MOST_PROJECTS = 10_000;

const { Schema } = mongoose;

const columnSchema = new Schema({ exponent: { type: Number, required: true }, numbers: text }, { _id: false });

const totalsSchema = new Schema<ProjectTotalsDoc>(
  {
    accountId: text,
    sumsId: { type: Schema.Types.ObjectId, required: true },
    month: text,
    from: text,
    until: text,
    currency: text,
    projects: text,
    amounts: { type: [columnSchema], required: true },
  },
  { collection: 'cost_totals', versionKey: false },
).index({ accountId: 1, sumsId: 1 }, { name: 'totals_of_load' });

export const ProjectTotals = mongoose.model('ProjectTotals', totalsSchema);

/** What a project cost on one day; the project is null for all of them. */
interface ProjectDay {
  readonly projectId: string | null;
  readonly currency: string;
  /** YYYY-MM-DD */
  readonly day: string;
  readonly amount: Decimal;
}

/** Adds up what projects cost by month and currency while a load's sums by day are computed. */
export class ProjectTally {
  readonly #months = new Map<Period, { from: string; until: string; currencies: Map<string, Map<string, Decimal>> }>();

  add({ projectId, currency, day, amount }: ProjectDay): void {
    const name = toPeriod(day.slice(0, 7));
    const month = this.#months.get(name) ?? { from: day, until: day, currencies: new Map() };
    this.#months.set(name, month);
    if (day < month.from) month.from = day;
    if (day > month.until) month.until = day;
    const projects = month.currencies.get(currency) ?? new Map<string, Decimal>();
    month.currencies.set(currency, projects);
    const id = projectId ?? '';
    projects.set(id, sum([projects.get(id) ?? ZERO, amount]));
  }

  /** Stores the sums under the ID of the load's other sums. They don't count yet. */
  async store(accountId: string, sumsId: Id): Promise<void> {
    for (const [month, { from, until, currencies }] of this.#months)
      for (const [currency, projects] of currencies) {
        const of = { accountId, sumsId, month, from, until, currency };
        await ProjectTotals.insertMany(totalsDocs(of, projects), { lean: true });
      }
  }
}

/** The documents of what projects cost in a month. */
export function totalsDocs(
  of: Omit<ProjectTotalsDoc, '_id' | 'projects' | 'amounts'>,
  amounts: ReadonlyMap<string, Decimal>,
): Omit<ProjectTotalsDoc, '_id'>[] {
  // in order, so that months with the same projects have the same text
  const ids = [...amounts.keys()].sort();
  const docs: Omit<ProjectTotalsDoc, '_id'>[] = [];
  for (let at = 0; at < ids.length; at += MOST_PROJECTS) {
    const some = ids.slice(at, at + MOST_PROJECTS);
    const columns = columnsOf(some.map((id) => amounts.get(id) ?? ZERO));
    docs.push({ ...of, projects: some.join('\n'), amounts: columns });
  }
  return docs;
}

/** Deletes sums by project. */
export async function deleteProjectTotals(accountId: string, sumsIds: readonly Id[]): Promise<void> {
  if (sumsIds.length > 0) await ProjectTotals.deleteMany({ accountId, sumsId: { $in: [...sumsIds] } });
}

/** Which loads' costs of which days; the months are those of the days. */
export interface TotalsOf {
  readonly accountId: string;
  readonly sumsIds: readonly Id[];
  readonly months: readonly Period[];
  /** YYYY-MM-DD, both included. */
  readonly from: string;
  readonly until: string;
}

/** What projects cost on some days. */
export interface SomeTotals {
  /** A project can occur several times. */
  readonly totals: readonly { readonly projectId: string; readonly currency: string; readonly amount: Decimal }[];
  /** Months of loads that aren't included, since they have costs on other days as well. */
  readonly inParts: readonly { readonly sumsId: Id; readonly month: Period }[];
}

/** What each project cost on some days, as far as their months have no costs on other days. One query at most. */
export async function totalsOfProjects({ accountId, sumsIds, months, from, until }: TotalsOf): Promise<SomeTotals> {
  if (sumsIds.length === 0) return { totals: [], inParts: [] };
  const docs = await ProjectTotals.find(
    { accountId, sumsId: { $in: [...sumsIds] }, month: { $in: [...months] } },
    { _id: 0, accountId: 0 },
  )
    .batchSize(MANY)
    .lean<Omit<ProjectTotalsDoc, '_id' | 'accountId'>[]>();
  // most months have the same projects, whose amounts are added up without looking at their IDs
  const lists = new Map<string, { readonly currency: string; readonly ids: string[]; readonly sums: ColumnSums }>();
  const inParts = new Map<string, { readonly sumsId: Id; readonly month: Period }>();
  for (const { sumsId, month, currency, projects, amounts, ...days } of docs) {
    if (days.from < from || days.until > until) {
      inParts.set(`${sumsId} ${month}`, { sumsId, month });
      continue;
    }
    const key = `${currency} ${projects}`;
    const list = lists.get(key) ?? listOf(currency, projects);
    lists.set(key, list);
    list.sums.add(amounts);
  }
  const totals = [...lists.values()].flatMap(({ currency, ids, sums }) =>
    sums.totals().map((amount, at) => ({ projectId: ids[at] ?? '', currency, amount })),
  );
  return { totals, inParts: [...inParts.values()] };
}

function listOf(currency: string, projects: string) {
  const ids = projects.split('\n');
  return { currency, ids, sums: new ColumnSums(ids.length) };
}
