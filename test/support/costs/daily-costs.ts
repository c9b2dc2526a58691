import { Readable } from 'node:stream';
import { addDays } from '../../../src/billing/period/day.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Projects } from '../../../src/store/groups/groups.ts';
import { anAccount } from '../context.ts';
import { FOCUS_HEAD } from '../invoices/invoices.ts';

const HEAD = `${FOCUS_HEAD},RegionId,ResourceId`;

/** A usage record of a day. */
export interface DayRow {
  readonly day: string;
  readonly cost: string;
  readonly project?: string;
  readonly service?: string;
  readonly region?: string;
  readonly resource?: string;
  /** The billing account, which is the source. */
  readonly source?: string;
}

/** An account in UTC with a billing group that holds a project with this provider's ID. */
export async function accountWithProject(
  ctx: Ctx,
  { accountId, project: name = 'web' }: { accountId?: string; project?: string } = {},
) {
  const id = accountId ?? (await anAccount(ctx, { currency: 'EUR', timeZone: 'Etc/UTC' }))._id;
  const { _id: billingGroupId } = await createGroup(ctx, { accountId: id, name: `Group of ${name}` });
  const { project } = await createProject(ctx, { accountId: id, name, billingGroupId });
  await Projects.updateOne({ _id: project._id }, { $set: { externalId: name, externalKey: name } });
  return { accountId: id, billingGroupId, projectId: project._id };
}

/** Imports costs of days as a FOCUS file. */
export async function importDays(ctx: Ctx, accountId: string, rows: readonly DayRow[]): Promise<void> {
  const lines = rows.map(
    ({ day, cost, project = 'web', service = 'Compute', region = '', resource = '', source = 'b1' }) =>
      `${source},EUR,${cost},Usage,${day},${day},${service},${project},usage,${region},${resource}`,
  );
  const open = () => Readable.from([Buffer.from(`${[HEAD, ...lines].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'days.csv', replace: false, open });
}

/** The same cost on each day from one to another. */
export function everyDay(from: string, until: string, row: Omit<DayRow, 'day'>): DayRow[] {
  const rows: DayRow[] = [];
  for (let day = from; day <= until; day = addDays(day, 1)) rows.push({ ...row, day });
  return rows;
}
