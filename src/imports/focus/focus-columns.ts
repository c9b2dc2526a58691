import { count } from '../../billing/money/count.ts';
import { Refusal } from '../../billing/refusal.ts';
import { remedyFor } from '../file/file-kind.ts';

/** How a column's values are normalized before they are hashed. */
export type ColumnKind = 'text' | 'number' | 'instant' | 'currency' | 'json';

/** A column and the cell that holds it. */
export interface IdentityColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The cell's index; -1 if the file has no such column. */
  readonly index: number;
}

/** A file's header, parsed once. */
export interface FocusHeader {
  /** The name of each cell: FOCUS's spelling, or the file's for other columns. */
  readonly names: readonly string[];
  /** The columns that make up a row's identity, in FOCUS's order, whether or not the file has them. */
  readonly identity: readonly IdentityColumn[];
  /** The file's columns about split costs. They are part of a row's identity if they have a value. */
  readonly allocation: readonly IdentityColumn[];
  /** The cell of each column that the import uses; -1 if the file has no such column. */
  readonly index: Readonly<Record<KnownColumn, number>>;
  /** For each cell: what a FOCUS column that the import uses holds; undefined for other columns. */
  readonly kinds: readonly (ColumnKind | undefined)[];
}

/**
 * The 43 columns of FOCUS 1.0, https://focus.finops.org/focus-specification/v1-0/. Versions 1.1 to 1.4 keep them,
 * except for the names of provider and publisher (deprecated in 1.3, removed in 1.4).
 */
const FOCUS_1_0 = {
  AvailabilityZone: 'text',
  BilledCost: 'number',
  BillingAccountId: 'text',
  BillingAccountName: 'text',
  BillingCurrency: 'currency',
  BillingPeriodEnd: 'instant',
  BillingPeriodStart: 'instant',
  ChargeCategory: 'text',
  ChargeClass: 'text',
  ChargeDescription: 'text',
  ChargeFrequency: 'text',
  ChargePeriodEnd: 'instant',
  ChargePeriodStart: 'instant',
  CommitmentDiscountCategory: 'text',
  CommitmentDiscountId: 'text',
  CommitmentDiscountName: 'text',
  CommitmentDiscountStatus: 'text',
  CommitmentDiscountType: 'text',
  ConsumedQuantity: 'number',
  ConsumedUnit: 'text',
  ContractedCost: 'number',
  ContractedUnitPrice: 'number',
  EffectiveCost: 'number',
  InvoiceIssuerName: 'text',
  ListCost: 'number',
  ListUnitPrice: 'number',
  PricingCategory: 'text',
  PricingQuantity: 'number',
  PricingUnit: 'text',
  ProviderName: 'text',
  PublisherName: 'text',
  RegionId: 'text',
  RegionName: 'text',
  ResourceId: 'text',
  ResourceName: 'text',
  ResourceType: 'text',
  ServiceCategory: 'text',
  ServiceName: 'text',
  SkuId: 'text',
  SkuPriceId: 'text',
  SubAccountId: 'text',
  SubAccountName: 'text',
  Tags: 'json',
} as const satisfies Record<string, ColumnKind>;

/**
 * FOCUS 1.3's columns about split costs, which may be the only difference between two rows. They are part of a row's
 * identity if they have a value.
 */
const ALLOCATION = {
  AllocatedMethodDetails: 'json',
  AllocatedMethodId: 'text',
  AllocatedResourceId: 'text',
  AllocatedResourceName: 'text',
  AllocatedTags: 'json',
} as const satisfies Record<string, ColumnKind>;

/** Columns of later versions that the import reads. They aren't part of a row's identity. */
const LATER = ['HostProviderName', 'ServiceProviderName', 'ServiceSubcategory'] as const;

/**
 * The columns for provider, publisher and invoice issuer were renamed in 1.3, so they can't identify rows across
 * versions.
 */
const NOT_IDENTITY: ReadonlySet<string> = new Set(['InvoiceIssuerName', 'ProviderName', 'PublisherName']);

export type KnownColumn = keyof typeof FOCUS_1_0 | keyof typeof ALLOCATION | (typeof LATER)[number];

/**
 * Without these there is no cost, nobody to assign it to, or no time to book it at. All are mandatory in 1.0 to 1.4.
 */
export const REQUIRED_COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingCurrency',
  'ChargeCategory',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ServiceName',
] as const satisfies readonly KnownColumn[];

/** How many columns of a file that isn't FOCUS are named, and how long a name may be. */
const SHOWN_COLUMNS = 5;
const SHOWN_LETTERS = 40;

const EXPORT_FOCUS = 'Export the costs as FOCUS CSV (version 1.0 to 1.4), with the column names in the first line.';

const KNOWN_COLUMNS: readonly string[] = [...Object.keys(FOCUS_1_0), ...Object.keys(ALLOCATION), ...LATER];

const KINDS: ReadonlyMap<string, ColumnKind> = new Map<string, ColumnKind>([
  ...Object.entries(FOCUS_1_0),
  ...Object.entries(ALLOCATION),
  ...LATER.map((name) => [name, 'text'] as const),
]);

const PUBLISHED_NAMES: ReadonlyMap<string, string> = new Map(KNOWN_COLUMNS.map((name) => [name.toLowerCase(), name]));

/** The file as a whole can't be read as FOCUS. */
export type FocusFileError = Refusal<'focus_file'>;

/**
 * Reads a header: columns by name, in any order and case, ignoring surrounding spaces.
 * @param firstBytes of the file, used to recognize files that aren't CSV
 * @throws {Refusal} `focus_file` if a required column is missing, or a column that the import uses appears twice
 */
export function readHeader(cells: readonly string[], firstBytes?: Uint8Array): FocusHeader {
  const names = cells.map(publishedName);
  const missing = missingColumns(cells);
  if (missing.length > 0) throw lacking(cells, missing, firstBytes);
  const twice = names.find((name, i) => PUBLISHED_NAMES.has(name.toLowerCase()) && names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new Refusal('focus_file', {
      problem: `The header has the column ${twice} twice.`,
      remedy: 'Remove one of them.',
    });
  }
  return headerOf(names);
}

/** The positions of the columns that the import uses. @param names in FOCUS's spelling */
export function headerOf(names: readonly string[]): FocusHeader {
  const identity = Object.entries(FOCUS_1_0)
    .filter(([name]) => !NOT_IDENTITY.has(name))
    .map(([name, kind]) => ({ name, kind, index: names.indexOf(name) }));
  const allocation = Object.entries(ALLOCATION)
    .map(([name, kind]) => ({ name, kind, index: names.indexOf(name) }))
    .filter(({ index }) => index >= 0);
  const index = Object.fromEntries(KNOWN_COLUMNS.map((name) => [name, names.indexOf(name)]));
  const kinds = names.map((name) => KINDS.get(name));
  return { names, identity, allocation, index: index as Record<KnownColumn, number>, kinds };
}

/** The required columns that a header lacks. */
export function missingColumns(cells: readonly string[]): string[] {
  const names = new Set(cells.map(publishedName));
  return REQUIRED_COLUMNS.filter((name) => !names.has(name));
}

function publishedName(cell: string): string {
  const name = cell.replace(/^\uFEFF/, '').trim();
  return PUBLISHED_NAMES.get(name.toLowerCase()) ?? name;
}

function lacking(cells: readonly string[], missing: readonly string[], firstBytes?: Uint8Array): FocusFileError {
  const remedy = firstBytes && remedyFor(firstBytes);
  if (remedy !== undefined)
    return new Refusal('focus_file', { problem: 'This isn’t a FOCUS cost file.', missing, remedy });
  if (cells.length === 1) {
    const problem = 'This isn’t a FOCUS cost file: its first line isn’t a list of columns.';
    return new Refusal('focus_file', { problem, missing, remedy: EXPORT_FOCUS });
  }
  const what = missing.length === 1 ? `column ${missing[0]} is` : `columns ${listed(missing)} are`;
  const problem = `This is not a FOCUS cost file: the ${what} missing.`;
  return new Refusal('focus_file', { problem, missing, remedy: `${seenColumns(cells)} ${EXPORT_FOCUS}` });
}

/** What the file has instead, so that people recognize a wrong file. */
function seenColumns(cells: readonly string[]): string {
  const shown = cells.filter((cell) => cell.trim() !== '').map((cell) => `“${shortened(cell.trim())}”`);
  const named = shown.slice(0, SHOWN_COLUMNS);
  const others = shown.length - named.length;
  const rest = others === 0 ? '' : ` and ${count(others, 'more', 'more')}`;
  return `It’s a table with the columns ${named.join(', ')}${rest}.`;
}

function shortened(name: string): string {
  const letters = [...name];
  return letters.length <= SHOWN_LETTERS ? name : `${letters.slice(0, SHOWN_LETTERS - 1).join('')}…`;
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
