import { hash } from 'node:crypto';
import type { InvoiceLine } from '../../../billing/invoice/invoice.ts';
import type { LineTag } from '../../../billing/invoice/line-tags.ts';
import { count } from '../../../billing/money/count.ts';
import type { Decimal } from '../../../billing/money/money.ts';
import { projectsNamed } from '../../../store/costs/cost-sums.ts';
import { type LinesOf, linesIn } from '../../../store/invoicing/current-lines.ts';
import { type LineDigestsDoc, type NewTrail, replaceTrails } from '../../../store/invoicing/invoice-trails.ts';
import type { InvoiceDoc } from '../../../store/invoicing/invoices.ts';
import { changeLines, type NewLine } from '../../../store/invoicing/line-writes.ts';
import { cellsText } from '../../../store/invoicing/stored-cells.ts';
import { toDecimal128 } from '../../../store/kit/decimal.ts';
import { TooLongForTransaction, type Tx } from '../../../store/kit/transaction.ts';
import type { Basis, Figures } from '../figures.ts';

/**
 * How much one transaction takes, so that it stays short: sums that it reads for one invoice, lines that it writes, and
 * projects in the group of an estimate whose lines aren't known yet. Beyond that, the invoice is prepared outside it.
 * Tests change them.
 */
export const MOST_IN_TRANSACTION = { sums: 12_000, lines: 2_000, projects: 2_000 };
/** Per line. Only lines in the same place are compared, so a few bytes suffice. */
const DIGEST_BYTES = 8;

/** An invoice or estimate as it was before it was calculated, and its new figures. */
export interface Calculated {
  readonly invoice: Pick<InvoiceDoc, '_id' | 'period' | 'computedAt' | 'linesVersion' | 'lineCount'>;
  readonly figures: Figures;
}

/** What was calculated from what, and the `computedAt` that its invoices get. */
export interface Calculation {
  readonly accountId: string;
  readonly basis: Pick<Basis, 'memberships' | 'digests'>;
  readonly now: Date;
}

/** What has to be written so that the lines of an invoice are the calculated ones. */
export interface LineDifferences {
  readonly of: LinesOf;
  /** The version for which all stored lines were written; undefined if it isn't known, or not the same. */
  readonly since: number | undefined;
  /** The positions of lines that differ from those stored there. */
  readonly changed: readonly number[];
  /** The positions at which none are stored. */
  readonly added: readonly number[];
  /** The positions of those that are no longer on it. The last may be unknown. */
  readonly removed: { readonly after: number; readonly last: number } | undefined;
  readonly trail: NewTrail;
  /** The line at a position, as it is to be stored. */
  lineAt(place: number): NewLine;
}

/**
 * Stores the lines and the trails of calculations. Lines that are already stored stay, so that figures that didn't
 * change cost no write, and stored lines are never read: a digest of each says whether it differs. One call each for
 * those to be changed and deleted, and one for every thousand to be added.
 *
 * @throws {TooLongForTransaction} if too many differ
 */
export async function storeLines(tx: Tx, of: Calculation, all: readonly Calculated[]): Promise<void> {
  const differences = await lineDifferences(of, all);
  const written = differences.reduce((sum, { changed, added }) => sum + changed.length + added.length, 0);
  if (written > MOST_IN_TRANSACTION.lines) throw new TooLongForTransaction(`${count(written, 'line')} to write`);
  await changeLines(
    tx,
    differences.map(({ of, since, changed, added, removed, lineAt }) => ({
      ...{ of, since, changed: changed.map(lineAt), added: added.map(lineAt) },
      ...(removed && { last: removed.after }),
    })),
  );
  await replaceTrails(
    tx,
    of.accountId,
    differences.map((one) => trailAfter(one, one.of.version, one.added.length)),
  );
}

/**
 * The trail to be stored when some lines were written for a version; it says for which version all were, if that is the
 * same for all. Lines that are changed in place stay those of their version.
 */
export function trailAfter(
  { trail, since, added }: LineDifferences,
  version: number,
  written: number,
): LineDifferences['trail'] {
  const isAllNew = added.length * DIGEST_BYTES === trail.lines.digests.length;
  const after = isAllNew ? version : written === 0 || since === version ? since : undefined;
  return after === undefined ? trail : { ...trail, lines: { ...trail.lines, since: after } };
}

/** What has to be written for calculations. Without digests of an invoice's lines, all are replaced. */
export async function lineDifferences(of: Calculation, all: readonly Calculated[]): Promise<LineDifferences[]> {
  const ids = all.flatMap(({ figures }) => figures.calculation.lines.map(({ projectId }) => projectId));
  const projects = await projectsNamed(of.accountId, ids, of.basis);
  const labelOf = ({ projectId }: InvoiceLine) => projects.get(projectId)?.label ?? null;
  const before = new Map(of.basis.digests.map((digests) => [digests._id, digests]));
  return all.map(({ invoice, figures }) => {
    const { lines, trail: entries } = figures.calculation;
    const digests = digestsOf(lines, labelOf);
    const last = before.get(invoice._id);
    const stored = storedDigests(last, invoice);
    const owner = { ...invoice, accountId: of.accountId };
    const lineAt = (place: number) => {
      const line = lines[place - 1];
      if (!line) throw new Error(`Invoice ${invoice._id} has no line ${place}`);
      return storedLine(owner, place, line, labelOf(line));
    };
    return {
      ...{ of: linesIn(owner), lineAt, ...compared(digests, stored, invoice.lineCount) },
      since: stored?.length ? last?.lines?.since : undefined,
      trail: { _id: invoice._id, entries, lines: { computedAt: of.now, digests }, ...storedCells(invoice, of, lines) },
    };
  });
}

function storedCells(
  { period }: Calculated['invoice'],
  { now: computedAt }: Calculation,
  lines: readonly InvoiceLine[],
): Pick<NewTrail, 'cells'> {
  const text = cellsText(lines);
  return text === undefined ? {} : { cells: { period, computedAt, text } };
}

/** @param stored undefined if it isn't known which lines are stored; about `lineCount` are */
function compared(
  digests: Buffer,
  stored: Buffer | undefined,
  lineCount: number,
): Pick<LineDifferences, 'changed' | 'added' | 'removed'> {
  const count = digests.length / DIGEST_BYTES;
  const kept = Math.min(count, (stored?.length ?? 0) / DIGEST_BYTES);
  const changed: number[] = [];
  for (let at = 0; at < kept; at++) {
    const [begin, end] = [at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES];
    if (stored && digests.compare(stored, begin, end, begin, end) !== 0) changed.push(at + 1);
  }
  const added = Array.from({ length: count - kept }, (_, at) => kept + at + 1);
  if (stored === undefined) return { changed, added, removed: { after: 0, last: lineCount } };
  const isShorter = digests.length < stored.length;
  return { changed, added, removed: isShorter ? { after: count, last: stored.length / DIGEST_BYTES } : undefined };
}

/**
 * The digests of the lines that an invoice has; undefined if they aren't known, as after a calculation by an earlier
 * version, which stored another `computedAt`.
 */
function storedDigests(doc: LineDigestsDoc | undefined, { computedAt }: Pick<InvoiceDoc, 'computedAt'>) {
  if (computedAt === null) return Buffer.alloc(0);
  return doc?.lines?.computedAt.getTime() === computedAt.getTime() ? Buffer.from(doc.lines.digests.buffer) : undefined;
}

function digestsOf(lines: readonly InvoiceLine[], labelOf: (line: InvoiceLine) => string | null): Buffer {
  const digests = Buffer.alloc(lines.length * DIGEST_BYTES);
  for (const [at, line] of lines.entries()) {
    const digest = hash('sha1', textOf(line, labelOf(line)), 'hex').slice(0, DIGEST_BYTES * 2);
    digests.write(digest, at * DIGEST_BYTES, 'hex');
  }
  return digests;
}

const TEXTS = [
  ...(['lineType', 'description', 'projectId', 'projectName', 'serviceName', 'serviceType', 'servicePlan'] as const),
  ...(['cloudName', 'currency', 'lateFrom', 'taxCategory', 'code', 'records'] as const),
] as const;
/** Ends a part. */
const END = '\u0000';
/** Not the same as an empty text. */
const NONE = '\u0001';
const AMOUNTS = ['exact', 'total', 'preDiscount', 'taxRate'] as const;
const DATES = ['begin', 'end'] as const;
const RARE = ['original', 'tags', 'trail'] as const;
type Told = (typeof TEXTS)[number] | (typeof AMOUNTS)[number] | (typeof DATES)[number] | (typeof RARE)[number];
/** For the compiler: no field of a line is left out. */
const ALL_TOLD: Exclude<keyof InvoiceLine, Told> extends never ? true : never = true;

/** All that a line says, as text. Three times as fast as JSON, which took a third of an estimate's time. */
function textOf(line: InvoiceLine, label: string | null): string {
  const { original, tags = [], trail } = line;
  const isPlain = ALL_TOLD && !original && trail.length === 0;
  let text = label ?? NONE;
  for (const field of TEXTS) text += `${END}${line[field] ?? NONE}`;
  for (const field of AMOUNTS) text += `${END}${exactText(line[field])}`;
  for (const field of DATES) text += `${END}${line[field].getTime()}`;
  return `${text}${END}${isPlain ? tagsText(tags) : JSON.stringify([original, tags, trail])}`;
}

/** The tags of a line with nothing else that is rare. Most lines share theirs with others. */
function tagsText(tags: readonly LineTag[]): string {
  if (tags.length === 0) return '';
  const known = TAG_TEXTS.get(tags);
  if (known !== undefined) return known;
  const text = JSON.stringify([null, tags, []]);
  TAG_TEXTS.set(tags, text);
  return text;
}

const TAG_TEXTS = new WeakMap<readonly LineTag[], string>();

/** The parts of an amount, which are at hand, unlike its digits as text. */
function exactText({ s, e, d }: Decimal): string {
  return `${s} ${e} ${d.length === 1 ? d[0] : d.join()}`;
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
    // always written, because a line that is changed may have had some
    tags: line.tags ?? [],
    exact: toDecimal128(exact),
    total: toDecimal128(total),
    preDiscount: toDecimal128(preDiscount),
    taxRate: toDecimal128(taxRate),
    original: original && { currency: original.currency, amount: toDecimal128(original.amount) },
  };
}
