import { NO_BILLING_INFORMATION } from '../../src/billing/group/billing-information.ts';
import { nameKey } from '../../src/billing/group/names.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { type Period, shiftPeriod, spanOf, toPeriod } from '../../src/billing/period/period.ts';
import { createAccount, setMember } from '../../src/services/accounts/accounts.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { Groups, Memberships, type ProjectDoc, Projects } from '../../src/store/groups/groups.ts';
import { Invoices, InvoiceTrails, type LineDoc, Lines } from '../../src/store/invoicing/invoices.ts';
import { cellsText } from '../../src/store/invoicing/stored-cells.ts';
import { fromDecimal128, toDecimal128 } from '../../src/store/kit/decimal.ts';

/** The current month on the account's clock. */
export const PRESENT = toPeriod('2026-03');
const MONTHS = 6;
const SERVICES = ['Compute', 'Storage', 'Network'];
const BATCH = 5_000;

/**
 * An account with a thousand groups, ten projects each, half a year of invoices, and an estimate with three lines per
 * project.
 */
export async function largeAccount(
  ctx: Ctx,
  {
    groups,
    projectsEach,
    members,
    name = 'Large',
  }: { groups: number; projectsEach: number; members: readonly string[]; name?: string },
): Promise<string> {
  const owner = { teamId: 'T1', userId: 'U1' };
  const input = { name, timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: null };
  const { _id: accountId } = await createAccount(ctx, owner, input);
  for (const member of members) await setMember(ctx, accountId, member, 'member');
  const periods = Array.from({ length: MONTHS }, (_, at) => shiftPeriod(PRESENT, at - MONTHS + 1));
  const rows = Array.from({ length: groups }, (_, at) => groupRow(ctx, accountId, at));
  await Groups.insertMany(rows, { lean: true });
  const invoices = rows.flatMap((row, at) =>
    periods.map((period, month) => invoiceRow(ctx, accountId, row._id, period, at * (MONTHS - 1) + month + 1)),
  );
  await inBatches(invoices, (batch) => Invoices.insertMany(batch, { lean: true }));
  const projects = rows.flatMap((row, at) =>
    Array.from({ length: projectsEach }, (_, each) => projectRow(ctx, accountId, row._id, at * projectsEach + each)),
  );
  await inBatches(projects, (batch) =>
    Projects.insertMany(
      batch.map(({ project }) => project),
      { lean: true },
    ),
  );
  await inBatches(projects, (batch) =>
    Memberships.insertMany(
      batch.map(({ membership }) => membership),
      { lean: true },
    ),
  );
  const lines = projects.flatMap(({ project, membership }, at) =>
    SERVICES.map((service, index) =>
      lineRow(`inv-${membership.billingGroupId}-${PRESENT}`, project, service, (at % projectsEach) * 3 + index + 1),
    ),
  );
  await inBatches(lines, (batch) => Lines.insertMany(batch, { lean: true }));
  await storeTrails(accountId, PRESENT);
  return accountId;
}

/** Stores what calculations store beside the lines of a month's invoices. */
export async function storeTrails(accountId: string, period: Period): Promise<void> {
  const lines = new Map<string, LineDoc[]>();
  for (const line of await Lines.find({ accountId, period }).lean<LineDoc[]>())
    lines.set(line.invoiceId, [...(lines.get(line.invoiceId) ?? []), line]);
  const invoices = await Invoices.find({ accountId, period }, { computedAt: 1 }).lean();
  const trails = invoices.flatMap(({ _id, computedAt }) => {
    const text = cellsText(
      (lines.get(_id) ?? []).map(({ total, preDiscount = total, ...line }) => ({
        ...line,
        ...{ total: fromDecimal128(total), preDiscount: fromDecimal128(preDiscount), original: null },
      })),
    );
    return text && computedAt ? [{ _id, accountId, entries: [], cells: { period, computedAt, text } }] : [];
  });
  await inBatches(trails, (batch) => InvoiceTrails.insertMany(batch, { lean: true }));
}

function groupRow(ctx: Ctx, accountId: string, at: number) {
  const name = `Group ${String(at).padStart(4, '0')}`;
  return {
    _id: `bg_${accountId}_${at}`,
    accountId,
    name,
    nameKey: nameKey(name),
    currency: 'EUR',
    state: 'active' as const,
    paymentMethodId: null,
    billing: NO_BILLING_INFORMATION,
    environment: '',
    vatCheckAt: null,
    vatTries: 0,
    approverIds: [],
    nextPeriod: PRESENT,
    lastClosed: shiftPeriod(PRESENT, -1),
    chart: null,
    deletedAt: null,
    finalPeriod: null,
    changes: 0,
    createdAt: ctx.clock.now(),
  };
}

function invoiceRow(ctx: Ctx, accountId: string, billingGroupId: string, period: Period, seq: number) {
  const { begin, end } = spanOf(period, 'Europe/Berlin');
  const isOpen = period === PRESENT;
  const amount = toDecimal128(new Decimal('30.00'));
  return {
    _id: `inv-${billingGroupId}-${period}`,
    accountId,
    billingGroupId,
    period,
    periodBegin: begin,
    periodEnd: end,
    state: isOpen ? ('estimate' as const) : ('paid' as const),
    currency: 'EUR',
    exact: amount,
    net: amount,
    tax: toDecimal128(new Decimal(0)),
    total: amount,
    amountDue: amount,
    lineCount: 30,
    recordCount: 30,
    computedAt: ctx.clock.now(),
    touchedAt: null,
    touches: 0,
    heldBack: null,
    snapshot: null,
    ...(!isOpen && { series: accountId, seq, number: `LARGE-${seq}`, issuedAt: end, dueAt: end }),
  };
}

function projectRow(ctx: Ctx, accountId: string, billingGroupId: string, at: number) {
  const name = `project-${String(at).padStart(5, '0')}`;
  const project = {
    _id: `prj_${accountId}_${at}`,
    accountId,
    name,
    nameKey: nameKey(name),
    label: null,
    externalId: name,
    createdAt: ctx.clock.now(),
  };
  const membership = {
    accountId,
    projectId: project._id,
    projectKey: project.nameKey,
    billingGroupId,
    from: null,
    to: null,
    open: true as const,
  };
  return { project, membership };
}

function lineRow(
  invoiceId: string,
  project: Pick<ProjectDoc, '_id' | 'accountId' | 'name'>,
  service: string,
  place: number,
) {
  const { begin, end } = spanOf(PRESENT, 'Europe/Berlin');
  const amount = toDecimal128(new Decimal('1.00'));
  return {
    accountId: project.accountId,
    invoiceId,
    period: PRESENT,
    place,
    lineType: 'service_charge' as const,
    description: service,
    projectId: project._id,
    projectName: project.name,
    projectLabel: null,
    serviceName: service,
    serviceType: null,
    servicePlan: null,
    cloudName: null,
    currency: 'EUR',
    lateFrom: null,
    begin,
    end,
    exact: amount,
    total: amount,
    records: 1,
  };
}

async function inBatches<T>(all: readonly T[], insert: (batch: T[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += BATCH) await insert(all.slice(at, at + BATCH));
}
