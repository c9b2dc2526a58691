import { createHash } from 'node:crypto';
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
  /** The same for the same projects, which most months of an account have. Absent in documents of older versions. */
  readonly list?: string;
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
    list: String,
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
    const projects = some.join('\n');
    docs.push({ ...of, projects, list: digestOf(projects), amounts: columns });
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

type StoredAmounts = Omit<ProjectTotalsDoc, 'accountId' | 'projects'>;

/** Amounts of the same projects in the same order. */
interface Listed {
  /** A document that has the list of projects. */
  readonly from: Id;
  readonly currencies: Map<string, ColumnSums>;
}

/** What each project cost on some days, as far as their months have no costs on other days. Two queries at most. */
export async function totalsOfProjects({ accountId, sumsIds, months, from, until }: TotalsOf): Promise<SomeTotals> {
  if (sumsIds.length === 0) return { totals: [], inParts: [] };
  const docs = await ProjectTotals.find(
    { accountId, sumsId: { $in: [...sumsIds] }, month: { $in: [...months] } },
    { accountId: 0, projects: 0 },
  )
    .batchSize(MANY)
    .lean<StoredAmounts[]>();
  const isWhole = (days: StoredAmounts) => days.from >= from && days.until <= until;
  const inParts = new Map(docs.flatMap((one) => (isWhole(one) ? [] : [[`${one.sumsId} ${one.month}`, one] as const])));
  return {
    totals: await summed(accountId, docs.filter(isWhole)),
    inParts: [...inParts.values()].map(({ sumsId, month }) => ({ sumsId, month })),
  };
}

/** Adds up amounts without looking at the projects, whose IDs are most of what is stored and read once for each list. */
async function summed(accountId: string, docs: readonly StoredAmounts[]): Promise<SomeTotals['totals']> {
  const lists = new Map<string, Listed>();
  for (const { _id, list = `${_id}`, currency, amounts } of docs) {
    const listed = lists.get(list) ?? { from: _id, currencies: new Map<string, ColumnSums>() };
    lists.set(list, listed);
    const sums = listed.currencies.get(currency) ?? new ColumnSums();
    listed.currencies.set(currency, sums);
    sums.add(amounts);
  }
  if (lists.size === 0) return [];
  const all = [...lists.values()];
  const ids = await projectsIn(
    accountId,
    all.map((listed) => listed.from),
  );
  return all.flatMap((listed) => {
    const projectIds = ids.get(`${listed.from}`) ?? [];
    return [...listed.currencies].flatMap(([currency, sums]) => {
      const totals = sums.totals(projectIds.length);
      return projectIds.map((projectId, at) => ({ projectId, currency, amount: totals[at] ?? ZERO }));
    });
  });
}

/** The projects of documents, by the documents' IDs. One query. */
async function projectsIn(accountId: string, docs: readonly Id[]): Promise<Map<string, string[]>> {
  const found = await ProjectTotals.find({ accountId, _id: { $in: [...docs] } }, { projects: 1 })
    .batchSize(MANY)
    .lean<Pick<ProjectTotalsDoc, '_id' | 'projects'>[]>();
  return new Map(found.map(({ _id, projects }) => [`${_id}`, projects.split('\n')]));
}

function digestOf(projects: string): string {
  return createHash('sha256').update(projects).digest('base64url');
}
