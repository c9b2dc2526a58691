import { type CostColumns, type Encoding, MAPPING_NAME_LIMIT } from '../../../billing/cost/cost-mapping.ts';
import { cleanName, cutName, nameKey } from '../../../billing/group/names.ts';
import { Refusal } from '../../../billing/refusal.ts';
import { tableHead } from '../../../imports/costs/table-head.ts';
import { whyNotFocus } from '../../../imports/file/sniff.ts';
import { type CostSample, readSample } from '../../../imports/mapping/cost-sample.ts';
import { type GuessedColumns, guessColumns } from '../../../imports/mapping/guess-columns.ts';
import type { ImportSlack } from '../../../store/costs/imports.ts';
import { admit } from '../../access/rights.ts';
import { inChange } from '../../kit/account-change.ts';
import type { Ctx } from '../../kit/context.ts';
import type { Change } from '../../kit/transaction.ts';
import { type ImportReport, queueIn } from '../import-queue.ts';
import type { ImportPart } from '../importing/import-parts.ts';
import { type ImportPreview, previewImport } from '../preview/import-preview.ts';
import {
  checkedMapping,
  type MappingSummary,
  mappingForFile,
  mappingsOf,
  type NewMapping,
  saveMapping,
} from './cost-mappings.ts';

/** How much of a table's beginning is needed for its columns and first rows. */
const SAMPLE_BYTES = 64 * 1024;

/** What a person has chosen for the columns of a file. */
export interface ChosenColumns extends CostColumns {
  readonly name: string;
  readonly encoding: Encoding;
  /** YYYY-MM: the month of the charges, for a file without dates. */
  readonly month: string | null;
}

/** The columns and first rows of a file, and what they seem to be. */
export interface MappingDraft extends Pick<CostSample, 'header' | 'rows'> {
  /** The mapping that the file already has. */
  readonly id: string | undefined;
  readonly proposed: GuessedColumns & Partial<ChosenColumns>;
}

/** A file whose columns are chosen, for the account's mappings. */
export interface MappedFile extends Pick<ImportPart, 'fileName' | 'open'> {
  readonly accountId: string;
}

/** Whether a file that starts with these bytes may be a bill whose columns a person can choose. */
export function canBeMapped(firstBytes: Buffer): boolean {
  const sample = readSample(firstBytes);
  return sample !== undefined && guessColumns(sample).amount !== undefined;
}

/** The same for a file that may be compressed. One that can't be read can't be mapped. */
export async function canFileBeMapped({ open }: Pick<ImportPart, 'open'>): Promise<boolean> {
  try {
    return canBeMapped(await headOf({ open }));
  } catch (error) {
    if (error instanceof Refusal && error.code === 'focus_file') return false;
    throw error;
  }
}

/** Whether a file that may be compressed is read with a mapping of the account, which the caller may read. */
export async function isMapped(accountId: string, { open }: Pick<ImportPart, 'open'>): Promise<boolean> {
  if ((await mappingsOf(accountId)).length === 0) return false;
  const head = await headOf({ open });
  return whyNotFocus(head) !== undefined && (await mappingForFile(accountId, head)) !== undefined;
}

/**
 * For the form: the file's columns and first rows, with the choices of its mapping, or proposed ones.
 *
 * @throws {Refusal} `focus_file` if it isn't a table; `role_needed`
 */
export async function draftOf(ctx: Ctx, { accountId, fileName, open }: MappedFile): Promise<MappingDraft> {
  const { account } = await admit(ctx, accountId, 'issue');
  const bytes = await headOf({ open });
  const sample = sampleOf(bytes);
  const { header, rows, encoding } = sample;
  const known = await mappingForFile(accountId, bytes);
  if (known) return { id: known.id, header, rows, proposed: { ...known, month: null } };
  const guessed = guessColumns(sample);
  const fixedCurrency = guessed.currency === undefined ? (guessed.fixedCurrency ?? account.currency) : null;
  return { id: undefined, header, rows, proposed: { name: nameFrom(fileName), encoding, fixedCurrency, ...guessed } };
}

/**
 * What importing a file with these choices would do. Stores nothing.
 *
 * @throws {Refusal} `invalid_input` with the fields at fault, `mapping_name_taken`, `focus_file`, `role_needed`
 */
export async function tryMapping(ctx: Ctx, file: MappedFile, chosen: ChosenColumns): Promise<ImportPreview> {
  const { accountId, fileName, open } = file;
  const { account } = await admit(ctx, accountId, 'issue');
  const bytes = await headOf({ open });
  const known = await mappingForFile(accountId, bytes);
  const mapping = mappingFrom(chosen, sampleOf(bytes), known?.timeZone ?? account.timeZone);
  const taken = (await mappingsOf(accountId)).find(({ name }) => nameKey(name) === nameKey(mapping.name));
  if (taken && taken.source !== known?.source) throw new Refusal('mapping_name_taken', { name: taken.name });
  const tried = { ...mapping, source: known?.source ?? mapping.name };
  const month = chosen.month === null ? {} : { month: chosen.month };
  return previewImport(ctx, { accountId, parts: [{ fileName, open }], mappings: [tried], ...month });
}

/**
 * Saves a mapping and queues the import of the file that it was made for.
 *
 * @throws {Refusal} as `tryMapping`, and `too_many_mappings`
 */
export async function importMapped(
  ctx: Ctx,
  { accountId, fileName, open }: MappedFile,
  of: { readonly chosen: ChosenColumns; readonly replace: boolean; readonly slack: ImportSlack },
): Promise<ImportReport & { readonly isNew: boolean }> {
  const { chosen, replace, slack } = of;
  const month = chosen.month === null ? {} : { month: chosen.month };
  return saveColumns(ctx, { accountId, fileName, open }, chosen, (tx) =>
    queueIn(tx, accountId, { fileName, replace, slack, ...month }),
  );
}

/**
 * Saves a mapping, and does what has to be done with the file that it was made for.
 *
 * @throws {Refusal} as `tryMapping`, and `too_many_mappings`
 */
export async function saveColumns<T>(
  ctx: Ctx,
  { accountId, open }: MappedFile,
  chosen: ChosenColumns,
  then: (tx: Change, saved: MappingSummary) => Promise<T>,
): Promise<T> {
  const { account } = await admit(ctx, accountId, 'issue');
  const bytes = await headOf({ open });
  const known = await mappingForFile(accountId, bytes);
  const mapping = mappingFrom(chosen, sampleOf(bytes), known?.timeZone ?? account.timeZone);
  return inChange(ctx, accountId, 'issue', async (tx) =>
    then(tx, await saveMapping(tx, accountId, mapping, known?.id)),
  );
}

async function headOf({ open }: Pick<ImportPart, 'open'>): Promise<Buffer> {
  return tableHead({ bytes: await open(), again: open }, SAMPLE_BYTES);
}

function sampleOf(bytes: Buffer): CostSample {
  const sample = readSample(bytes);
  if (sample) return sample;
  throw new Refusal('focus_file', {
    problem: 'The file has no table with the names of its columns.',
    remedy: 'Export it as CSV with the column names in a line above the rows.',
  });
}

function mappingFrom(chosen: ChosenColumns, { header, separator }: CostSample, timeZone: string): NewMapping {
  const { month, ...columns } = chosen;
  return checkedMapping({ ...columns, header, separator, timeZone }, month ?? undefined);
}

/** A name for files like this one: without the ending, and without what differs from month to month. */
function nameFrom(fileName: string): string {
  const words = cleanName(
    fileName
      .replace(/\.[a-z0-9]{1,5}(?:\.gz)?$/i, '')
      .replace(/\d+/g, ' ')
      .replace(/[\s_.-]+/g, ' '),
  );
  return cutName(words.charAt(0).toUpperCase() + words.slice(1), MAPPING_NAME_LIMIT);
}
