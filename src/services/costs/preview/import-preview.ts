import type { CostMapping } from '../../../billing/cost/cost-mapping.ts';
import { cleanName, externalKeyOf, nameKey, projectNameOf, titleOfProject } from '../../../billing/group/names.ts';
import { type Decimal, ZERO } from '../../../billing/money/money.ts';
import { type Period, periodFinder } from '../../../billing/period/period.ts';
import type { FileNote, FocusRow } from '../../../imports/focus/focus.ts';
import type { AccountDoc } from '../../../store/accounts/accounts.ts';
import type { LoadDoc } from '../../../store/costs/costs.ts';
import type { ImportRejection } from '../../../store/costs/imports.ts';
import { activeLoadsOf, recordsLike, totalsByProject } from '../../../store/costs/loads.ts';
import { activeGroupById } from '../../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../../store/groups/groups.ts';
import { admit } from '../../access/rights.ts';
import type { Ctx } from '../../kit/context.ts';
import { earliestStart, type Payer, payerIn, payersForNow } from '../cost-booking.ts';
import { ImportNotes } from '../import-notes.ts';
import { type ImportedRow, Tally } from '../import-tally.ts';
import { type ImportPart, rowsOf } from '../importing/import-parts.ts';
import { mappingsOf } from '../mappings/cost-mappings.ts';
import { inBatches } from '../read-ahead.ts';
import { isInvoicedLoad } from '../replacement.ts';
import { asStored } from '../stored-identity.ts';
import { projectMatches } from './project-match.ts';
import { type ProjectSum, ProjectSums } from './project-sums.ts';

/** A billing month of a file, in one currency. */
export interface MonthPreview {
  /** Such as `2026-10`. */
  readonly billingMonth: string;
  readonly currency: string;
  /** The total of the file's rows. */
  readonly inFile: Decimal;
  /** The total of the rows that aren't stored yet, which an import adds. */
  readonly added: Decimal;
  /** What the file's sources have in this month now, which a replacement replaces. */
  readonly stored: Decimal;
  /** How much of `added` is late: its own month is closed, so it goes on a later invoice. */
  readonly late: Decimal;
  /** Whether costs of the month have been invoiced, so that they can’t be replaced. */
  readonly isInvoiced: boolean;
}

/** An amount that a group would pay. */
export interface PayerPreview {
  /** Null for new projects of an account without a primary group: each import creates one. */
  readonly group: string | null;
  readonly currency: string;
  readonly amount: Decimal;
}

/** What importing files would do. */
export interface ImportPreview {
  readonly read: number;
  readonly added: number;
  readonly repeated: number;
  readonly rejected: number;
  /** The first of them. */
  readonly rejections: readonly ImportRejection[];
  /** Earliest first. */
  readonly months: readonly MonthPreview[];
  /** Titles of the first projects that would be created. */
  readonly newProjects: readonly string[];
  readonly newProjectCount: number;
  /** Notes about rows and the file that reject nothing: their number, and the first of them. */
  readonly notes: ImportNotes['found'];
  /** Who pays for the rows that would be added, largest amount first. */
  readonly payers: readonly PayerPreview[];
  /** The totals of the file's rows by project, largest amount first. */
  readonly projects: readonly ProjectSum[];
}

/** How many rows are looked up at a time. */
const BATCH = 1000;
/** How many new projects are named. The others are only counted. */
const NAMED = 100;
/** How many identities of equal rows are remembered. More rows than this between two equal ones may count as new. */
const REMEMBERED = 100_000;
/** No import has this token: every stored record counts as not seen. */
const NO_LEASE = { name: 'preview', token: 0 };

interface PreviewInput {
  readonly accountId: string;
  readonly parts: readonly ImportPart[];
  /** By which files that aren't in a known layout are read; by default, the account's. */
  readonly mappings?: readonly CostMapping[];
  /** YYYY-MM: the month of all charges, for a file whose mapping has no dates. */
  readonly month?: string;
}

/**
 * Reads FOCUS files to their end and says what importing them would do. Stores nothing, needs no lease, and holds one
 * batch of rows and a few totals by project in memory.
 *
 * @throws {Refusal} `focus_file` for a file that isn't FOCUS; `role_needed`
 */
export async function previewImport(
  ctx: Ctx,
  { accountId, parts, mappings, month }: PreviewInput,
): Promise<ImportPreview> {
  const { account } = await admit(ctx, accountId, 'issue');
  const notes = new ImportNotes();
  const preview = new Preview(account, ctx.clock.now());
  const unopened = parts.map((part) => ({ ...part, bytes: undefined }));
  const options = {
    now: ctx.clock.now(),
    onFileNote: (note: FileNote) => notes.add(note),
    mappings: mappings ?? (await mappingsOf(accountId)),
    ...(month !== undefined && { month }),
  };
  for await (const rows of inBatches(rowsOf(unopened, options), BATCH)) {
    notes.addOf(rows);
    await preview.add(rows);
  }
  return { ...(await preview.result()), notes: notes.found };
}

/** @throws {Refusal} `role_needed` */
export async function assertMayImport(ctx: Ctx, accountId: string): Promise<void> {
  await admit(ctx, accountId, 'issue');
}

/** Who pays for a project's cost, by its time and period; null for a new group. */
type PayerAt = (instant: Date, own: Period) => Payer | null;

interface MonthSums {
  readonly billingMonth: string;
  readonly currency: string;
  readonly inFile: Decimal;
  readonly added: Decimal;
  readonly late: Decimal;
}

class Preview {
  readonly #account: AccountDoc;
  readonly #tally = new Tally();
  readonly #loads = new Map<string, LoadDoc | null>();
  readonly #matched = new Map<string, number>();
  readonly #projects = new Map<string, PayerAt>();
  readonly #months = new Map<string, MonthSums>();
  readonly #payers = new Map<string, PayerPreview>();
  readonly #sums = new ProjectSums();
  /** Billing months with new rows for a month that has been invoiced. */
  readonly #invoiced = new Set<string>();
  readonly #newProjects: string[] = [];
  readonly #namesTaken = new Set<string>();
  readonly #ownPeriod: (instant: Date) => Period;
  readonly #earliest: Period;
  #newProjectCount = 0;
  #primary: GroupDoc | null | undefined;

  constructor(account: AccountDoc, now: Date) {
    this.#account = account;
    this.#ownPeriod = periodFinder(account.timeZone);
    this.#earliest = earliestStart(account, now);
  }

  async add(rows: readonly ImportedRow[]): Promise<void> {
    const good = rows.filter((row) => row.kind === 'row');
    const stored =
      good.length === 0 ? [] : (await asStored({ accountId: this.#account._id, lease: NO_LEASE }, good)).rows;
    await this.#findLoads(stored);
    const counts = await this.#countsOf(stored);
    const fresh = stored.filter((row) => !this.#isRepeated(row, counts));
    await this.#findProjects(fresh);
    const payers = new Map(fresh.map((row) => [row, this.#payerOf(row)]));
    for (const row of stored) this.#addToMonth(row, payers.has(row), payers.get(row)?.late ?? false);
    for (const [row, payer] of payers) this.#addToPayer(row, payer);
    this.#sums.add(stored);
    this.#tally.add(rows, { added: fresh.length, repeated: stored.length - fresh.length });
  }

  async result(): Promise<Omit<ImportPreview, 'notes'>> {
    const { read, added, repeated, rejected } = this.#tally.counts();
    const before = await this.#storedTotals();
    const invoiced = new Set(this.#invoiced);
    for (const load of this.#loads.values()) {
      if (load && !invoiced.has(load.billingMonth) && (await isInvoicedLoad(load))) invoiced.add(load.billingMonth);
    }
    const months = [...this.#months]
      .map(([key, month]) => {
        return { ...month, stored: before.get(key) ?? ZERO, isInvoiced: invoiced.has(month.billingMonth) };
      })
      .sort((a, b) => (a.billingMonth + a.currency < b.billingMonth + b.currency ? -1 : 1));
    const payers = [...this.#payers.values()].sort((a, b) => b.amount.comparedTo(a.amount));
    return {
      ...{ read, added, repeated, rejected, rejections: this.#tally.rejections, months, payers },
      newProjects: this.#newProjects,
      newProjectCount: this.#newProjectCount,
      projects: this.#sums.all(),
    };
  }

  async #findLoads(rows: readonly FocusRow[]): Promise<void> {
    const unknown = rows.filter((row) => !this.#loads.has(loadKey(row)));
    if (unknown.length === 0) return;
    const [sources, months] = [unknown.map(({ source }) => source), unknown.map(({ billingMonth }) => billingMonth)];
    const found = await activeLoadsOf(this.#account._id, [...new Set(sources)], [...new Set(months)]);
    for (const row of unknown) this.#loads.set(loadKey(row), null);
    // another source of the file may have costs in a month for which the file has none of it
    for (const load of found) if (this.#loads.has(loadKey(load))) this.#loads.set(loadKey(load), load);
  }

  /** How many records are stored with each row's identity. */
  async #countsOf(rows: readonly FocusRow[]): Promise<ReadonlyMap<string, number>> {
    const byLoad = new Map<LoadDoc, Set<string>>();
    for (const row of rows) {
      const load = this.#loads.get(loadKey(row));
      if (load) byLoad.set(load, (byLoad.get(load) ?? new Set()).add(row.hash));
    }
    const counts = new Map<string, number>();
    for (const [load, hashes] of byLoad) {
      for (const { hash } of await recordsLike(load, [...hashes])) {
        const key = `${loadKey(load)} ${hash}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    return counts;
  }

  #isRepeated(row: FocusRow, counts: ReadonlyMap<string, number>): boolean {
    const key = `${loadKey(row)} ${row.hash}`;
    const stored = counts.get(key) ?? 0;
    if (stored === 0) return false;
    const before = this.#matched.get(key) ?? 0;
    if (this.#matched.size >= REMEMBERED) this.#matched.clear();
    this.#matched.set(key, before + 1);
    return before < stored;
  }

  async #findProjects(rows: readonly FocusRow[]): Promise<void> {
    const unknown = new Map<string, FocusRow>();
    for (const row of rows) {
      const key = externalKeyOf(row.subAccountId);
      if (!this.#projects.has(key) && !unknown.has(key)) unknown.set(key, row);
    }
    if (unknown.size === 0) return;
    const accountId = this.#account._id;
    const matches = await projectMatches(accountId, unknown);
    for (const name of matches.names) this.#namesTaken.add(name);
    const known = [...unknown].flatMap(([key, row]) => {
      const project = matches.of(row.subAccountId);
      return project ? [{ key, projectId: project._id }] : [];
    });
    const ids = known.map(({ projectId }) => projectId);
    const payers = await payersForNow(accountId, ids, this.#earliest);
    for (const { key, projectId } of known) {
      this.#projects.set(key, (instant, own) => payers(projectId, instant, own));
      unknown.delete(key);
    }
    const primary = await this.#primaryGroup();
    const newPayer: PayerAt = (_instant, own) =>
      primary && payerIn(primary, { own, earliest: this.#earliest, current: () => primary });
    for (const [key, { subAccountId, subAccountName }] of unknown) {
      // the same name as the import will give it, which differs from the ID if another project has that name
      const name = projectNameOf(subAccountId, (other) => this.#namesTaken.has(other));
      this.#namesTaken.add(nameKey(name));
      const title = titleOfProject({ name, label: subAccountName && cleanName(subAccountName) });
      this.#projects.set(key, newPayer);
      this.#newProjectCount += 1;
      if (this.#newProjects.length < NAMED) this.#newProjects.push(title);
    }
  }

  async #primaryGroup(): Promise<GroupDoc | null> {
    const { _id: accountId, primaryBillingGroupId: id } = this.#account;
    this.#primary ??= id ? await activeGroupById(accountId, id) : null;
    return this.#primary;
  }

  #payerOf({ subAccountId, begin, billingMonth }: FocusRow): Payer | null {
    const own = this.#ownPeriod(begin);
    const payer = this.#projects.get(externalKeyOf(subAccountId))?.(begin, own) ?? null;
    // as a replacement checks it: corrections of earlier months are late costs anyway
    if (payer?.invoiced && own >= billingMonth) this.#invoiced.add(billingMonth);
    return payer;
  }

  #addToMonth({ billingMonth, currency, amount }: FocusRow, isFresh: boolean, isLate: boolean): void {
    const key = `${billingMonth} ${currency}`;
    const before = this.#months.get(key) ?? { billingMonth, currency, inFile: ZERO, added: ZERO, late: ZERO };
    this.#months.set(key, {
      ...before,
      inFile: before.inFile.plus(amount),
      added: isFresh ? before.added.plus(amount) : before.added,
      late: isLate ? before.late.plus(amount) : before.late,
    });
  }

  #addToPayer({ currency, amount }: FocusRow, payer: Payer | null): void {
    const key = `${payer?.group._id} ${currency}`;
    const sum = this.#payers.get(key)?.amount ?? ZERO;
    this.#payers.set(key, { group: payer?.group.name ?? null, currency, amount: sum.plus(amount) });
  }

  /** The totals that the files' sources have now, by month and currency. */
  async #storedTotals(): Promise<ReadonlyMap<string, Decimal>> {
    const totals = new Map<string, Decimal>();
    for (const load of this.#loads.values()) {
      for (const { currency, amount } of load ? await totalsByProject(load) : []) {
        const key = `${load?.billingMonth} ${currency}`;
        totals.set(key, (totals.get(key) ?? ZERO).plus(amount));
      }
    }
    return totals;
  }
}

function loadKey({ source, billingMonth }: Pick<LoadDoc, 'source' | 'billingMonth'>): string {
  return JSON.stringify([source, billingMonth]);
}
