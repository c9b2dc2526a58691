import { closesAt, type Period, periodAt, periodName, shiftPeriod, spanOf } from '../billing/period/period.ts';
import { updateSettings } from '../services/accounts/settings.ts';
import { importFocus } from '../services/costs/imports.ts';
import { expireCredits } from '../services/credits/credits.ts';
import { closeDue } from '../services/invoicing/close.ts';
import type { Ctx } from '../services/kit/context.ts';
import { type AccountDoc, Accounts } from '../store/accounts/accounts.ts';
import type { LocalClock } from './clock.ts';
import { ACME } from './sample/acme.ts';
import { as } from './sample/acting.ts';
import { BRIGHTWATER, HOSHINO } from './sample/other-accounts.ts';
import type { PlannedAccount } from './sample/plan.ts';
import { leaveToDo } from './sample/present.ts';
import { makeAccount } from './sample/sample-account.ts';
import { focusFile, sampleMonths, sampleRows } from './sample/sample-rows.ts';
import { beginAcme, continueAcme, type DirectMessages, settleInvoices } from './sample/story.ts';
import { CHANNELS, TEAM } from './seed.ts';

export interface FirstRunOptions {
  /** Now: the sample data ends here. */
  readonly until: Date;
  /** Called with a line for each slow step. */
  readonly onProgress: (line: string) => void;
  /** Where a person gets direct messages from the app. */
  readonly directMessages: DirectMessages;
  /** Awaited before the clock moves, so that no earlier work is still running. */
  readonly settle?: () => Promise<void>;
  /** Sends pending notifications to channels before the clock moves on. */
  readonly tell?: () => Promise<void>;
  /** Stops early and keeps the data created so far. */
  readonly signal?: AbortSignal;
}

interface Made {
  readonly plan: PlannedAccount;
  readonly account: AccountDoc;
}

/** A month of the sample. */
interface Month {
  readonly period: Period;
  /** How many months before the current one. */
  readonly ago: number;
}

const PLANS: readonly PlannedAccount[] = [ACME, BRIGHTWATER, HOSHINO];
/**
 * How long after the end of a month in the main account its costs are imported: it has ended in America too, and the
 * digest of the month isn't due yet.
 */
const IMPORT_AFTER_MS = 6 * 3_600_000;
/** How long after a month is due to close the clock is moved. */
const CLOSE_AFTER_MS = 10 * 60_000;

/**
 * By then after a month's end it has been closed in every time zone. Before that, the sample ends with that month, so
 * that there always are invoices of the last one.
 */
const LATEST_CLOSE_MS = 36 * 3_600_000;

/** Whether the workspace has no account yet. */
export async function isEmpty(): Promise<boolean> {
  return (await Accounts.exists({ teamId: TEAM.id })) === null;
}

/**
 * Simulates a year, so that there is something to look at: an account with a year of costs and invoices, and two
 * younger ones (`sample/README.md`). Needs an empty workspace. If interrupted, start over from scratch.
 *
 * The clock starts in the past, moves forward, and ends at the machine's time.
 */
export async function makeSample(ctx: Ctx, clock: LocalClock, options: FirstRunOptions): Promise<void> {
  const { until, onProgress, signal, directMessages } = options;
  const present = periodAt(new Date(until.getTime() - LATEST_CLOSE_MS), ACME.timeZone);
  const first = spanOf(shiftPeriod(present, -ACME.since), 'Etc/UTC').begin;
  clock.beginAt(new Date(first.getTime() + IMPORT_AFTER_MS));
  const made: Made[] = [];
  for (const [index, period] of sampleMonths(present, ACME.since).entries()) {
    signal?.throwIfAborted();
    onProgress(`Creating sample costs: ${periodName(period)} …`);
    const ago = ACME.since - index;
    for (const plan of PLANS.filter(({ since }) => since === ago)) made.push(await begin(ctx, plan));
    if (ago === 0) clock.catchUp();
    else await advance(clock, options, [spanOf(period, ACME.timeZone).end], IMPORT_AFTER_MS);
    for (const one of made) await importMonth(ctx, one, { period, ago }, until);
    const acme = made.find(({ plan }) => plan === ACME)?.account;
    if (acme) await continueAcme(ctx, acme, { ago, directMessages });
    if (ago === 0) continue;
    for (const { account } of made) await settleInvoices(ctx, account, present);
    // a year of notifications would flood the channel: it gets only the last month's
    if (acme && ago === 1) await openFinanceChannel(ctx, acme);
    const closes = made.map(({ account }) => closesAt(period, account.timeZone, account.closeDelayHours));
    await advance(clock, options, closes, CLOSE_AFTER_MS);
    await closeDue(ctx);
    await expireCredits(ctx);
    if (ago === 1) await options.tell?.();
  }
  await leaveToDo(ctx, await Accounts.findOne({ teamId: TEAM.id, name: ACME.name }).orFail().lean());
  // what is due by now shouldn't wait for the schedule
  for (const tick of ['reminders', 'digests', 'anomalies'] as const) ctx.nudge(tick);
}

/** Moves the clock to some time after the last of these instants, unless that is still ahead. */
async function advance(
  clock: LocalClock,
  { until, settle = async () => undefined }: FirstRunOptions,
  instants: readonly Date[],
  laterMs: number,
): Promise<void> {
  const to = new Date(Math.max(...instants.map((instant) => instant.getTime())) + laterMs);
  if (to <= clock.now() || to >= until) return;
  await settle();
  clock.moveTo(to);
}

async function begin(ctx: Ctx, plan: PlannedAccount): Promise<Made> {
  const account = await makeAccount(ctx, plan);
  if (plan === ACME) await beginAcme(ctx, account);
  return { plan, account };
}

async function importMonth(ctx: Ctx, { plan, account }: Made, { period, ago }: Month, ends: Date): Promise<void> {
  const rows = sampleRows({ account: plan, month: period, ago, ends, ...(ago === 0 && { until: ends }) });
  if (rows.length === 0) return;
  await importFocus(as(ctx, 'finance'), {
    accountId: account._id,
    fileName: `costs-${period}.csv`,
    replace: false,
    open: () => focusFile(rows),
  });
}

async function openFinanceChannel(ctx: Ctx, account: AccountDoc): Promise<void> {
  await updateSettings(as(ctx, 'owner'), account._id, { settings: { financeChannelId: CHANNELS.finance.id } });
}
