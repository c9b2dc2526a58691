import {
  type CostMapping,
  columnsReadBy,
  MAPPING_NAME_LIMIT,
  mappingFaults,
} from '../../../billing/cost/cost-mapping.ts';
import { cleanName, nameKey, nameLength } from '../../../billing/group/names.ts';
import { Refusal } from '../../../billing/refusal.ts';
import { headAsUtf8 } from '../../../imports/file/encoding.ts';
import { firstRecords, separatorOf } from '../../../imports/file/separator.ts';
import { MAX_RECORDS_ABOVE, mappingFor } from '../../../imports/mapping/find-mapping.ts';
import {
  type CostMappingDoc,
  deleteMapping,
  insertMapping,
  mappingsByName,
  updateMapping,
} from '../../../store/costs/mappings/cost-mappings.ts';
import { takeTurn } from '../../../store/kit/holds.ts';
import { newId } from '../../../store/kit/ids.ts';
import { admit } from '../../access/rights.ts';
import { inChange } from '../../kit/account-change.ts';
import type { Ctx } from '../../kit/context.ts';
import type { Change } from '../../kit/transaction.ts';

/** A mapping in a list. */
export interface MappingSummary extends CostMapping {
  readonly id: string;
}

/** Far more than an account has providers. Each file is compared with all of them. */
export const MAX_MAPPINGS = 100;

/** An account's mappings in the order of their names. @throws {Refusal} `role_needed` */
export async function listMappings(ctx: Ctx, accountId: string): Promise<MappingSummary[]> {
  await admit(ctx, accountId, 'issue');
  return (await mappingsByName(accountId)).map(toSummary);
}

/** The mappings by which an account's files are read. For services that have admitted the caller. */
export async function mappingsOf(accountId: string): Promise<CostMapping[]> {
  return (await mappingsByName(accountId)).map(toMapping);
}

/** The same for a source: only its own mapping if it has one that still exists. */
export async function mappingsOfSource({
  accountId,
  mappingId = null,
}: {
  readonly accountId: string;
  readonly mappingId?: string | null;
}): Promise<CostMapping[]> {
  const all = await mappingsByName(accountId);
  const own = all.filter(({ _id }) => _id === mappingId);
  return (own.length > 0 ? own : all).map(toMapping);
}

/**
 * The mapping for a file, by its columns; undefined if the account has none for it. For services that have admitted the
 * caller.
 *
 * @param firstBytes 16 kB are plenty
 */
export async function mappingForFile(accountId: string, firstBytes: Buffer): Promise<MappingSummary | undefined> {
  const docs = await mappingsByName(accountId);
  const mappings = docs.map(toMapping);
  const head = headAsUtf8(firstBytes);
  const separator = separatorOf(head, mappings);
  for (const cells of firstRecords(head, separator, MAX_RECORDS_ABOVE)) {
    const found = mappingFor(cells, mappings, String.fromCharCode(separator));
    const doc = found && docs.find(({ source }) => source === found.source);
    if (doc) return toSummary(doc);
  }
  return undefined;
}

/** A mapping as a person has chosen it. */
export type NewMapping = Omit<CostMapping, 'source'>;

/**
 * Checks what a person has chosen: the columns have to be the file's.
 *
 * @param month YYYY-MM: the month of this file's charges, if it has no dates
 * @throws {Refusal} `invalid_input` with the fields at fault
 */
export function checkedMapping(mapping: NewMapping, month: string | undefined): NewMapping {
  const name = cleanName(mapping.name);
  const fields = mappingFaults({ ...mapping, name, month: month ?? null });
  const lacking = columnsReadBy(mapping).find((column) => !mapping.header.includes(column));
  if (lacking !== undefined) fields.amount = `The file has no column “${lacking}”.`;
  if (Object.keys(fields).length > 0) throw new Refusal('invalid_input', { fields });
  return { ...mapping, name, dateFormat: mapping.date === null ? null : mapping.dateFormat };
}

/**
 * Stores a mapping, instead of the one with this ID if there is one. Must be called with what `checkedMapping` returned.
 *
 * @throws {Refusal} `mapping_name_taken`, `too_many_mappings`
 */
export async function saveMapping(
  tx: Change,
  accountId: string,
  mapping: NewMapping,
  id: string | undefined,
): Promise<MappingSummary> {
  await takeTurn(tx, `mappings:${accountId}`);
  const all = await mappingsByName(accountId);
  const before = all.find((one) => one._id === id);
  assertNameFree(all, mapping.name, before?._id);
  if (!before && all.length >= MAX_MAPPINGS) throw new Refusal('too_many_mappings', { limit: MAX_MAPPINGS });
  const { name, ...reading } = mapping;
  const doc: CostMappingDoc = {
    _id: before?._id ?? newId('map'),
    ...{ accountId, name, nameKey: nameKey(name), reading },
    source: before?.source ?? freeSource(all, name),
    changes: before?.changes ?? 0,
    createdAt: before?.createdAt ?? tx.clock.now(),
  };
  if (before) await updateMapping(tx, before, { name, nameKey: doc.nameKey, reading });
  else await insertMapping(tx, doc);
  await tx.record({
    accountId,
    type: 'cost_mapping_saved',
    description: `${before ? 'Changed' : 'Saved'} the mapping “${name}” for cost files with the columns ${columnsReadBy(mapping).join(', ')}`,
    before: before ? { ...before.reading } : null,
    after: { mapping: doc._id, name, ...reading },
  });
  return toSummary(doc);
}

/**
 * Gives a mapping another name. The source of its costs stays the same, so that files can still replace earlier ones.
 *
 * @throws {Refusal} `mapping_not_found`, `mapping_name_taken`, `invalid_input`, `role_needed`
 */
export async function renameMapping(
  ctx: Ctx,
  accountId: string,
  { which, to }: { readonly which: MappingName; readonly to: string },
): Promise<MappingSummary> {
  const name = cleanName(to);
  if (name === '') throw new Refusal('invalid_input', { fields: { name: 'Enter a name.' } });
  if (nameLength(name) > MAPPING_NAME_LIMIT) {
    const fields = { name: `A name can have at most ${MAPPING_NAME_LIMIT} characters.` };
    throw new Refusal('invalid_input', { fields });
  }
  return inChange(ctx, accountId, 'issue', async (tx) => {
    await takeTurn(tx, `mappings:${accountId}`);
    const all = await mappingsByName(accountId);
    const before = found(all, which);
    if (before.name === name) return toSummary(before);
    assertNameFree(all, name, before._id);
    await updateMapping(tx, before, { name, nameKey: nameKey(name) });
    await tx.record({
      accountId,
      type: 'cost_mapping_renamed',
      description: `Renamed the mapping “${before.name}” to “${name}”`,
      before: { mapping: before._id, name: before.name },
      after: { mapping: before._id, name },
    });
    return toSummary({ ...before, name });
  });
}

/**
 * Removes a mapping. Costs that were imported with it stay. @returns its name; undefined if it was removed before
 *
 * @throws {Refusal} `mapping_not_found` for a name that no mapping has; `role_needed`
 */
export async function removeMapping(ctx: Ctx, accountId: string, which: MappingName): Promise<string | undefined> {
  return inChange(ctx, accountId, 'issue', async (tx) => {
    await takeTurn(tx, `mappings:${accountId}`);
    const all = await mappingsByName(accountId);
    if ('id' in which && !all.some(({ _id }) => _id === which.id)) return undefined;
    const { _id: id, name, reading } = found(all, which);
    await deleteMapping(tx, accountId, id);
    await tx.record({
      accountId,
      type: 'cost_mapping_removed',
      description: `Removed the mapping “${name}”. Files like those are no longer recognized`,
      before: { mapping: id, name, ...reading },
    });
    return name;
  });
}

/** A mapping by its ID, or by a name that a person typed. */
export type MappingName = { readonly id: string } | { readonly name: string };

function found(all: readonly CostMappingDoc[], which: MappingName): CostMappingDoc {
  const doc = all.find((one) => ('id' in which ? one._id === which.id : one.nameKey === nameKey(which.name)));
  if (doc) return doc;
  throw new Refusal('mapping_not_found', 'name' in which ? { name: which.name } : {});
}

function assertNameFree(all: readonly CostMappingDoc[], name: string, own: string | undefined): void {
  const other = all.find((one) => one.nameKey === nameKey(name) && one._id !== own);
  if (other) throw new Refusal('mapping_name_taken', { name: other.name });
}

/** An earlier mapping of that name may have been renamed, and its costs keep its source. */
function freeSource(all: readonly CostMappingDoc[], name: string): string {
  const taken = new Set(all.map(({ source }) => nameKey(source)));
  for (let number = 1; ; number++) {
    const source = number === 1 ? name : `${name} (${number})`;
    if (!taken.has(nameKey(source))) return source;
  }
}

function toMapping({ name, source, reading }: CostMappingDoc): CostMapping {
  return { ...reading, name, source };
}

function toSummary(doc: CostMappingDoc): MappingSummary {
  return { ...toMapping(doc), id: doc._id };
}
