import { ZERO } from '../billing/money.ts';
import { periodName } from '../billing/period.ts';
import { Refusal } from '../billing/refusal.ts';
import type { AccountDoc } from '../store/accounts.ts';
import { type LoadDoc, Loads } from '../store/costs.ts';
import { Projects } from '../store/groups.ts';
import { Invoices } from '../store/invoices.ts';
import { type ProjectSum, sumsByProject } from '../store/loads.ts';
import type { Ctx } from './context.ts';
import { record } from './log.ts';

/** How many changes a report names. */
const NAMED = 20;

/**
 * Puts what was staged in the place of what its sources gave before, in one step: to be called in a transaction. The
 * step is the same size for any number of records, since a load counts as a whole or not at all.
 *
 * @param token of the import that staged it
 * @returns what changed, in sentences
 * @throws {Refusal} `period_already_invoiced` when anything old or new lies in a period that any group was invoiced for
 */
export async function putStagedInPlace(
  ctx: Ctx,
  account: AccountDoc,
  token: number,
  fileName: string,
): Promise<string[]> {
  const accountId = account._id;
  const changes: string[] = [];
  for (const staged of await Loads.find({ accountId, state: 'staged', stagedBy: token }).lean()) {
    const { source, billingMonth } = staged;
    const active = await Loads.findOne({ accountId, source, billingMonth, state: 'active' }).lean();
    await refuseInvoiced(accountId, staged, active);
    changes.push(...(await differences(active, staged)));
    if (active) await Loads.updateOne({ _id: active._id }, { $set: { state: 'replaced' } });
    await Loads.updateOne({ _id: staged._id }, { $set: { state: 'active', stagedBy: null } });
    const periods = [...new Set([...staged.periods, ...(active?.periods ?? [])])];
    // every estimate of these periods: a close of one of them and this step can't both go through unseen
    await Invoices.updateMany(
      { accountId, period: { $in: periods }, state: 'estimate' },
      { $set: { touchedAt: ctx.clock.now() }, $inc: { touches: 1 } },
    );
    await record(ctx, {
      accountId,
      type: 'costs_replaced',
      description: `Replaced the costs of ${source} for ${billingMonth} by ${fileName}`,
      before: { source, billingMonth, load: active ? String(active._id) : null },
      after: { source, billingMonth, load: String(staged._id), changes: changes.slice(0, NAMED) },
    });
  }
  return changes;
}

async function refuseInvoiced(accountId: string, staged: LoadDoc, active: LoadDoc | null): Promise<void> {
  const periods = [...new Set([...staged.periods, ...(active?.periods ?? [])])];
  const invoiced = await Invoices.findOne({ accountId, period: { $in: periods }, state: { $ne: 'estimate' } }).lean();
  if (!invoiced) return;
  throw new Refusal(
    'period_already_invoiced',
    `${periodName(invoiced.period)} has been invoiced, so its costs can't be replaced.`,
    {
      wayOut: 'Import without replacing: what is new goes on the next invoice.',
    },
  );
}

async function differences(active: LoadDoc | null, staged: LoadDoc): Promise<string[]> {
  const before = active ? await sumsByProject(active._id) : [];
  const after = await sumsByProject(staged._id);
  const keys = new Set([...before, ...after].map(keyOf));
  const names = await projectNames([...before, ...after].map((one) => one.projectId));
  const changes: string[] = [];
  for (const key of [...keys].sort()) {
    const was = before.find((one) => keyOf(one) === key);
    const is = after.find((one) => keyOf(one) === key);
    const one = is ?? was;
    if (!one || (was && is && was.amount.equals(is.amount) && was.records === is.records)) continue;
    const from = `${(was?.amount ?? ZERO).toFixed()} (${was?.records ?? 0} records)`;
    const to = `${(is?.amount ?? ZERO).toFixed()} (${is?.records ?? 0} records)`;
    changes.push(`${names.get(one.projectId) ?? one.projectId}: ${one.currency} ${from} became ${to}`);
  }
  return changes;
}

async function projectNames(ids: readonly string[]): Promise<Map<string, string>> {
  const projects = await Projects.find({ _id: { $in: [...new Set(ids)] } }, { name: 1 }).lean();
  return new Map(projects.map(({ _id, name }) => [_id, name]));
}

function keyOf(one: ProjectSum): string {
  return `${one.projectId} ${one.currency}`;
}
