import { parse } from 'csv-parse/sync';

/**
 * The exact sums of cost files by project and service, from the files' own columns: with another parser than the
 * product's, and whole numbers instead of its decimals.
 */
export type OwnRow = Readonly<Record<string, string>>;

export interface OwnColumns {
  readonly project: (row: OwnRow) => string;
  readonly service: (row: OwnRow) => string;
  /** The texts of the amounts that add up to the row's cost. */
  readonly amounts: (row: OwnRow) => readonly string[];
}

/** An amount is counted in 10⁻⁴⁰, more than any file states. */
const PLACES = 40;

export function exactSums(csv: Buffer, { project, service, amounts }: OwnColumns): Record<string, string> {
  const rows = parse(csv, { columns: true, bom: true }) as OwnRow[];
  const sums = new Map<string, bigint>();
  for (const row of rows) {
    const key = `${project(row)} ${service(row)}`;
    sums.set(
      key,
      amounts(row).reduce((sum, amount) => sum + unitsOf(amount), sums.get(key) ?? 0n),
    );
  }
  return Object.fromEntries([...sums].map(([key, units]) => [key, textOf(units)]));
}

/** The sum of all rows. */
export function exactTotal(csv: Buffer, columns: OwnColumns): string {
  const all = { ...columns, project: () => '', service: () => '' };
  return exactSums(csv, all)[' '] ?? '0';
}

function unitsOf(amount: string): bigint {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(amount.trim()) ?? [];
  const shift = PLACES - fraction.length + Number(exponent);
  if (whole + fraction === '' || shift < 0) throw new Error(`Not an amount: ${amount}`);
  const units = BigInt(whole + fraction) * 10n ** BigInt(shift);
  return sign === '-' ? -units : units;
}

function textOf(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -PLACES)}${fraction === '' ? '' : `.${fraction}`}`;
}
