import { hash } from 'node:crypto';
import type { InvoiceLine } from '../../billing/invoice/invoice.ts';
import { projectsNamed } from '../../store/costs/cost-sums.ts';
import { deleteLinesAfter, insertLines, type NewLine, updateLines } from '../../store/invoicing/invoice-lines.ts';
import { type LineDigestsDoc, replaceTrails } from '../../store/invoicing/invoice-trails.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import type { Basis, Figures } from './figures.ts';

/** How many lines are stored with one call. */
const LINES_AT_ONCE = 1000;
/** Per line. Only lines in the same place are compared, so a few bytes suffice. */
const DIGEST_BYTES = 8;

/** An invoice or estimate as it was before it was calculated, and its new figures. */
export interface Calculated {
  readonly invoice: Pick<InvoiceDoc, '_id' | 'period' | 'computedAt'>;
  readonly figures: Figures;
}

/** What was calculated from what, and the `computedAt` that its invoices get. */
interface Calculation {
  readonly accountId: string;
  readonly basis: Pick<Basis, 'memberships' | 'digests'>;
  readonly now: Date;
}

/** What has to be written so that the stored lines are the calculated ones. */
interface Changes {
  readonly changed: NewLine[];
  readonly added: NewLine[];
  /** The invoices that lose lines, with the last place that they keep. */
  readonly shorter: Map<string, number>;
}

/**
 * Stores the lines and the trails of calculations. Lines that are already stored stay, so that figures that didn't
 * change cost no write, and stored lines are never read: a digest of each says whether it differs. One call each for
 * those to be changed and deleted, and one for every thousand to be added.
 */
export async function storeLines(tx: Tx, of: Calculation, all: readonly Calculated[]): Promise<void> {
  const ids = all.flatMap(({ figures }) => figures.calculation.lines.map(({ projectId }) => projectId));
  const projects = await projectsNamed(of.accountId, ids, of.basis);
  const before = new Map(of.basis.digests.map((digests) => [digests._id, digests]));
  const changes: Changes = { changed: [], added: [], shorter: new Map() };
  const trails = all.map(({ invoice, figures }) => {
    const { lines, trail } = figures.calculation;
    const labelled = lines.map((line) => ({ line, label: projects.get(line.projectId)?.label ?? null }));
    const digests = digestsOf(labelled);
    const stored = storedDigests(before.get(invoice._id), invoice);
    compare({ invoice: { ...invoice, accountId: of.accountId }, labelled, digests, stored }, changes);
    return { _id: invoice._id, entries: trail, lines: { computedAt: of.now, digests } };
  });
  await deleteLinesAfter(tx, of.accountId, changes.shorter);
  await updateLines(tx, changes.changed);
  for (let at = 0; at < changes.added.length; at += LINES_AT_ONCE)
    await insertLines(tx, changes.added.slice(at, at + LINES_AT_ONCE));
  await replaceTrails(tx, of.accountId, trails);
}

interface Labelled {
  readonly line: InvoiceLine;
  readonly label: string | null;
}

/** Adds what has to be written for an invoice. Without digests of its stored lines, all are replaced. */
function compare(
  of: {
    readonly invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'period'>;
    readonly labelled: readonly Labelled[];
    readonly digests: Buffer;
    readonly stored: Buffer | undefined;
  },
  { changed, added, shorter }: Changes,
): void {
  const { invoice, labelled, digests, stored = Buffer.alloc(0) } = of;
  for (const [at, { line, label }] of labelled.entries()) {
    const [begin, end] = [at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES];
    if (begin >= stored.length) added.push(storedLine(invoice, at + 1, line, label));
    else if (digests.compare(stored, begin, end, begin, end) !== 0)
      changed.push(storedLine(invoice, at + 1, line, label));
  }
  if (of.stored === undefined) shorter.set(invoice._id, 0);
  else if (digests.length < stored.length) shorter.set(invoice._id, labelled.length);
}

/**
 * The digests of the lines that an invoice has; undefined if they aren't known, as after a calculation by an earlier
 * version, which stored another `computedAt`.
 */
function storedDigests(doc: LineDigestsDoc | undefined, { computedAt }: Pick<InvoiceDoc, 'computedAt'>) {
  if (computedAt === null) return Buffer.alloc(0);
  return doc?.lines?.computedAt.getTime() === computedAt.getTime() ? Buffer.from(doc.lines.digests.buffer) : undefined;
}

function digestsOf(lines: readonly Labelled[]): Buffer {
  const digests = Buffer.alloc(lines.length * DIGEST_BYTES);
  for (const [at, { line, label }] of lines.entries()) {
    const digest = hash('sha1', JSON.stringify([line, label]), 'hex').slice(0, DIGEST_BYTES * 2);
    digests.write(digest, at * DIGEST_BYTES, 'hex');
  }
  return digests;
}

function storedLine(
  { _id: invoiceId, accountId, period }: Pick<InvoiceDoc, '_id' | 'accountId' | 'period'>,
  place: number,
  line: InvoiceLine,
  projectLabel: string | null,
): NewLine {
  const { exact, total, preDiscount, taxRate, original, ...rest } = line;
  return {
    ...rest,
    ...{ accountId, invoiceId, period, place, projectLabel },
    exact: toDecimal128(exact),
    total: toDecimal128(total),
    preDiscount: toDecimal128(preDiscount),
    taxRate: toDecimal128(taxRate),
    original: original && { currency: original.currency, amount: toDecimal128(original.amount) },
  };
}
