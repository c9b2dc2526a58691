import { accountNamed } from '../../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../../store/accounts/accounts.ts';
import { sumsInUse } from '../../../store/costs/loads.ts';
import { groupNamed } from '../../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../../store/groups/groups.ts';
import { countMembershipsUpTo } from '../../../store/groups/membership-reads.ts';
import { estimateNamed, invoiceById } from '../../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../../store/invoicing/invoices.ts';
import type { TouchedEstimate } from '../../../store/invoicing/invoices-to-do.ts';
import { fenceLease } from '../../../store/kit/leases.ts';
import { readTogether } from '../../../store/kit/read-together.ts';
import { RECHECKED_READS, type Tx } from '../../../store/kit/transaction.ts';
import { Hold, HoldLost } from '../../background/held-lease.ts';
import type { Ctx } from '../../kit/context.ts';
import { type Change, inTransaction } from '../../kit/transaction.ts';
import { type Basis, basisSources, type Figures, figuresOfGroups } from '../figures.ts';
import { termsSources } from '../invoice-terms.ts';
import { LINES_LEASE, linesLease } from './leftovers.ts';
import { writeLinesAhead } from './lines-ahead.ts';
import { type LineDifferences, lineDifferences, MOST_IN_TRANSACTION, trailAfter } from './stored-lines.ts';

/** How often something is prepared again because its data has changed meanwhile. */
const TRIES = 5;
const PAUSE_MS = 200;

/** Whether an estimate has too many lines, or will have, for one transaction, so that trying it would be in vain. */
export async function isLarge({
  accountId,
  billingGroupId,
  lineCount,
}: Pick<InvoiceDoc, 'accountId' | 'billingGroupId' | 'lineCount'>): Promise<boolean> {
  if (lineCount > 0) return lineCount > MOST_IN_TRANSACTION.sums;
  const { projects } = MOST_IN_TRANSACTION;
  return (await countMembershipsUpTo(accountId, billingGroupId, projects + 1)) > projects;
}

/** An estimate that was calculated outside a transaction, whose lines are written but not on it yet. */
export interface Prepared {
  readonly account: AccountDoc;
  readonly group: GroupDoc;
  /** As it was read. */
  readonly invoice: InvoiceDoc;
  readonly figures: Figures;
  readonly basis: Pick<Basis, 'adjustments' | 'credits'>;
  /** The `computedAt` of the figures. */
  readonly now: Date;
  readonly lines: Pick<LineDifferences, 'of' | 'trail'>;
  /** The version of the invoice that has the lines. */
  readonly linesVersion: number;
}

/** Thrown in the transaction that would use something prepared, if it no longer holds. */
export class Outdated extends Error {
  override readonly name = 'Outdated';
}

/**
 * Calculates an estimate with very many lines and writes its lines ahead, and then uses both in one short transaction.
 * If it is `Outdated` by then, all is repeated.
 *
 * @param use has to check what it depends on besides the lines
 * @returns what `use` returns; undefined if it is no longer an estimate, or another process is at it and doesn't finish
 * within `patienceMs`
 */
export async function inPreparedChange<T>(
  ctx: Ctx,
  estimate: TouchedEstimate,
  {
    patienceMs,
    use,
  }: { readonly patienceMs: number; use(tx: Change, prepared: Prepared, now: InvoiceDoc): Promise<T> },
): Promise<T | undefined> {
  const hold = await patientHold(linesLease(estimate._id), patienceMs);
  if (!hold) return undefined;
  try {
    for (let tries = 1; ; tries++) {
      const prepared = await prepare(ctx, hold, estimate);
      if (!prepared) return undefined;
      try {
        return await inTransaction(ctx, async (tx) => {
          if (!(await fenceLease(tx, hold.lease))) throw new HoldLost(`${hold.lease.name} is held by another process`);
          const now = await invoiceById(estimate.accountId, estimate._id);
          assertSameLines(prepared, now);
          return use(tx, prepared, now);
        });
      } catch (err) {
        if (!(err instanceof Outdated) || tries === TRIES) throw err;
      }
    }
  } finally {
    await hold.free();
  }
}

function assertSameLines({ invoice }: Prepared, now: InvoiceDoc | null): asserts now is InvoiceDoc {
  const isSame =
    now?.state === 'estimate' &&
    now.computedAt?.getTime() === invoice.computedAt?.getTime() &&
    now.linesVersion === invoice.linesVersion;
  if (!isSame) throw new Outdated(`Invoice ${invoice._id} was calculated by another process`);
}

/**
 * Fails unless all that something was prepared from is still the same. Whatever changes an invoice's costs touches its
 * estimate in the same transaction.
 *
 * @param touches of the estimate, without those of the transaction itself
 * @throws {Outdated}
 */
export async function assertUpToDate(_tx: Tx, { invoice, ...prepared }: Prepared, touches: number): Promise<void> {
  const { _id, accountId, billingGroupId, period } = invoice;
  const { accounts, groups, ...basis } = await readTogether({
    accounts: accountNamed(accountId),
    groups: groupNamed(accountId, billingGroupId),
    ...termsSources(accountId, [billingGroupId], period),
  });
  const [[account], [group]] = [accounts, groups];
  const isSame = account && group && asText({ account, group, basis }) === asText(prepared);
  if (touches !== invoice.touches || !isSame) throw new Outdated(`Invoice ${_id} has changed since it was calculated`);
}

/** In no particular order of what was found. */
function asText({ account, group, basis: { adjustments, credits } }: Pick<Prepared, 'account' | 'group' | 'basis'>) {
  return JSON.stringify([
    account,
    group,
    ...[adjustments, credits].map((docs) => docs.map((doc) => JSON.stringify(doc)).sort()),
  ]);
}

/** The version as stored. 0 isn't, so that estimates whose lines were never written ahead stay as they were. */
export function versionOf(linesVersion: number): Pick<InvoiceDoc, 'linesVersion'> {
  return linesVersion === 0 ? {} : { linesVersion };
}

/** Undefined if it is no longer an estimate. */
async function prepare(ctx: Ctx, hold: Hold, { _id, accountId, billingGroupId, period }: TouchedEstimate) {
  for (let tries = 1; tries <= TRIES; tries++) {
    const { invoices, accounts, groups, ...basis } = await readTogether({
      invoices: estimateNamed(accountId, _id),
      accounts: accountNamed(accountId),
      groups: groupNamed(accountId, billingGroupId),
      ...basisSources({ accountId, period }, [{ _id, billingGroupId }]),
    });
    const [[invoice], [account], [group]] = [invoices, accounts, groups];
    if (!invoice) return undefined;
    if (!account || !group) throw new Error(`The group of invoice ${_id} no longer exists`);
    const now = ctx.clock.now();
    const figures = (await figuresOfGroups(RECHECKED_READS, account, [group], { period, now, basis })).get(group._id);
    if (!figures) throw new Error(`No figures for group ${group._id}`);
    // sums that are no longer in use may have been deleted while they were read
    if (!(await sumsInUse(accountId, basis.loads, period))) continue;
    const [lines] = await lineDifferences({ accountId, basis, now }, [{ invoice, figures }]);
    if (!lines) throw new Error(`No lines for invoice ${_id}`);
    const linesVersion = await writeLinesAhead(ctx, hold.lease, lines);
    const trail = trailAfter(lines, linesVersion, lines.changed.length + lines.added.length);
    const { adjustments, credits } = basis;
    return {
      account,
      group,
      invoice,
      figures,
      basis: { adjustments, credits },
      now,
      lines: { of: lines.of, trail },
      linesVersion,
    };
  }
  throw new Error(`The sums of costs keep changing while invoice ${_id} is calculated`);
}

/** Waits for a lease that another process holds. */
async function patientHold(name: string, patienceMs: number): Promise<Hold | undefined> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const hold = await Hold.claim(name, LINES_LEASE.ms);
    if (hold || performance.now() >= until) return hold;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
