import type { Role } from '../billing/account/role.ts';
import { Decimal } from '../billing/money/money.ts';
import { closesAt, type Period, periodAt, periodName, spanOf } from '../billing/period/period.ts';
import { chooseAccountById, createAccount, setMember } from '../services/accounts/accounts.ts';
import { updateSettings } from '../services/accounts/settings.ts';
import { importFocus } from '../services/costs/imports.ts';
import { createGroup } from '../services/groups/groups.ts';
import { closeDue } from '../services/invoicing/close.ts';
import type { Ctx } from '../services/kit/context.ts';
import { inTransaction } from '../services/kit/transaction.ts';
import { makeProject } from '../services/projects/projects.ts';
import { type AccountDoc, Accounts } from '../store/accounts/accounts.ts';
import type { LocalClock } from './clock.ts';
import { addCredit, OUTAGE, payInvoices, requestMove, setBudgets, WELCOME } from './sample/sample-extras.ts';
import { type SampleProject, sampleCosts, sampleMonths, sampleProjects } from './sample/sample-rows.ts';
import { CHANNELS, PEOPLE, TEAM } from './seed.ts';

export interface FirstRunOptions {
  /** Now: the sample data ends here. */
  readonly until: Date;
  /** How many months of data to create before the current one. */
  readonly monthsBefore?: number;
  /** Called with a line for each slow step. */
  readonly onProgress: (line: string) => void;
  /** Awaited before the clock moves, so that no earlier work is still running. */
  readonly settle?: () => Promise<void>;
  /** Sends pending notifications to channels before the clock moves on. */
  readonly tell?: () => Promise<void>;
  /** Stops early and keeps the data created so far. */
  readonly signal?: AbortSignal;
}

interface AccountPlan {
  readonly name: string;
  readonly timeZone: string;
  /** Multiplies the sample's cents into realistic costs. */
  readonly scale: string;
  readonly members: Readonly<Record<string, Role>>;
  readonly financeChannelId: string | null;
}

interface Made {
  readonly plan: AccountPlan;
  readonly account: AccountDoc;
  readonly projects: readonly SampleProject[];
}

const HALF_A_YEAR = 6;
const { owner, finance, approver, member } = PEOPLE;

const PLANS: readonly AccountPlan[] = [
  {
    name: 'Acme',
    timeZone: 'Etc/UTC',
    scale: '412.5',
    members: Object.fromEntries(Object.values(PEOPLE).map(({ id, role }) => [id, role])),
    financeChannelId: CHANNELS.finance.id,
  },
  {
    name: 'Acme Labs',
    timeZone: 'Europe/Berlin',
    scale: '940',
    members: { [owner.id]: 'owner', [finance.id]: 'billing_admin', [member.id]: 'approver' },
    financeChannelId: null,
  },
  {
    name: 'Acme Asia',
    timeZone: 'Asia/Tokyo',
    scale: '1280.25',
    members: { [owner.id]: 'owner', [finance.id]: 'owner', [approver.id]: 'viewer' },
    financeChannelId: null,
  },
];

/** The first is the primary group. */
const GROUPS = [
  { name: 'Production', environment: 'prod' },
  { name: 'Development', environment: 'dev' },
  { name: 'Test', environment: 'test' },
] as const;

/** How costs change from month to month, repeating after the last factor. */
const COURSE = ['0.82', '0.88', '0.85', '0.93', '0.97', '1.06', '1.02'] as const;

/** How long after the end of a month its costs are imported. */
const IMPORT_AFTER_MS = 6 * 3_600_000;
/** How long after a month is due to close the clock is moved. */
const CLOSE_AFTER_MS = 10 * 60_000;

/** Whether the workspace has no account yet. */
export async function isEmpty(): Promise<boolean> {
  return (await Accounts.exists({ teamId: TEAM.id })) === null;
}

/**
 * Simulates half a year, so that there is something to look at: three accounts with groups for dev, test and prod,
 * costs for every month, and an invoice for each group and month, issued on time and paid except for the latest and one
 * overdue invoice; credits; budgets; a pending move. Needs an empty workspace. If interrupted, start over from scratch.
 *
 * The clock starts in the past, moves forward, and ends at the machine's time.
 */
export async function makeSample(ctx: Ctx, clock: LocalClock, options: FirstRunOptions): Promise<void> {
  const { until, onProgress, signal, settle = async () => undefined } = options;
  const months = sampleMonths(periodAt(until, 'Etc/UTC'), options.monthsBefore ?? HALF_A_YEAR);
  const [first = periodAt(until, 'Etc/UTC')] = months;
  const advance = async (to: Date): Promise<void> => {
    if (to <= clock.now() || to >= until) return;
    await settle();
    clock.moveTo(to);
  };
  clock.beginAt(new Date(spanOf(first, 'Etc/UTC').begin.getTime() + IMPORT_AFTER_MS));
  onProgress(`Creating ${PLANS.length} accounts with sample costs …`);
  const made: Made[] = [];
  for (const [index, plan] of PLANS.entries()) made.push(await makeAccount(ctx, plan, index));
  const [main] = made;
  if (main) await addCredit(ctx, main.account, WELCOME);
  for (const [index, month] of months.entries()) {
    signal?.throwIfAborted();
    const isPresent = index === months.length - 1;
    onProgress(`Creating sample costs: ${periodName(month)} …`);
    if (isPresent) clock.catchUp();
    else await advance(laterBy(IMPORT_AFTER_MS, Math.max(...made.map(({ account }) => endOf(account, month)))));
    for (const one of made) await importMonth(ctx, one, month, index, isPresent ? until : undefined);
    if (isPresent) break;
    // the last invoice due before the current month was forgotten
    const forgotten = index === months.length - 2 ? main?.account._id : undefined;
    for (const { account } of made) await payInvoices(ctx, account, account._id === forgotten);
    // half a year of notifications would flood the channel: it gets only the last month's
    if (index === months.length - 2) await openFinanceChannels(ctx, made);
    if (main && index === months.length - 2) await addCredit(ctx, main.account, OUTAGE);
    await advance(laterBy(CLOSE_AFTER_MS, Math.max(...made.map(({ account }) => closeOf(account, month)))));
    await closeDue(ctx);
    if (index === months.length - 2) await options.tell?.();
  }
  if (main) await setBudgets(ctx, main.account._id);
  if (main) await requestMove(ctx, main.account._id);
}

async function makeAccount(ctx: Ctx, plan: AccountPlan, index: number): Promise<Made> {
  const { name, timeZone, members } = plan;
  const by = { teamId: TEAM.id, userId: owner.id };
  const account = await createAccount(ctx, by, { name, timeZone, currency: 'USD', financeChannelId: null });
  for (const [userId, role] of Object.entries(members)) {
    await setMember(ctx, account._id, userId, role);
    // everybody's commands use the first account
    if (index === 0) await chooseAccountById(TEAM.id, userId, account._id);
  }
  const groupIds: string[] = [];
  for (const [at, group] of GROUPS.entries()) {
    const made = await createGroup(ctx, { accountId: account._id, ...group, isPrimary: at === 0 });
    groupIds.push(made._id);
  }
  const projects = sampleProjects().filter((_, rank) => rank % PLANS.length === index);
  for (const [rank, project] of projects.entries()) {
    const billingGroupId = groupIds[rank % groupIds.length] ?? '';
    await inTransaction(ctx, (tx) => makeProject(tx, account, { ...project, billingGroupId }));
  }
  return { plan, account, projects };
}

async function importMonth(ctx: Ctx, made: Made, month: Period, index: number, until?: Date): Promise<void> {
  const { plan, account, projects } = made;
  const factor = new Decimal(plan.scale).times(COURSE[index % COURSE.length] ?? 1).toFixed();
  const wish = { month, projects, factor, ...(until && { until }) };
  await importFocus(ctx, {
    accountId: account._id,
    fileName: `costs-${month}.csv`,
    replace: false,
    open: () => sampleCosts(wish),
  });
}

async function openFinanceChannels(ctx: Ctx, made: readonly Made[]): Promise<void> {
  for (const { plan, account } of made) {
    const { financeChannelId } = plan;
    if (financeChannelId !== null) await updateSettings(ctx, account._id, { settings: { financeChannelId } });
  }
}

function endOf(account: AccountDoc, month: Period): number {
  return spanOf(month, account.timeZone).end.getTime();
}

function closeOf(account: AccountDoc, month: Period): number {
  return closesAt(month, account.timeZone, account.closeDelayHours).getTime();
}

function laterBy(ms: number, instant: number): Date {
  return new Date(instant + ms);
}
