import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { Decimal } from '../../billing/money/money.ts';
import type { FocusCharge } from '../../services/costs/focus-export.ts';
import { FOCUS_COLUMNS, type FocusCells, type FocusKind, focusCells } from './focus-cells.ts';

/** Charges that are held in memory, and written as one row group. */
const ROWS_AT_ONCE = 10_000;
/** The decimals of every currency and of quantities fit. */
const SCALE = 4;
/** Sixteen bytes hold 38 digits. */
const DECIMAL = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', precision: 38 } as const;

const TYPES = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  decimal: { ...DECIMAL, scale: SCALE },
  instant: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const satisfies Readonly<Record<FocusKind, object>>;

const COLUMNS = Object.entries(FOCUS_COLUMNS) as [keyof FocusCells, FocusKind][];

/** The same charges as `focusCsv`, as a Parquet file, in pieces. Amounts are exact decimals. */
export async function* focusParquet(charges: AsyncIterable<readonly FocusCharge[]>): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'charges', num_children: COLUMNS.length },
      ...COLUMNS.map(([name, kind]) => ({ name, repetition_type: 'OPTIONAL' as const, ...TYPES[kind] })),
    ],
    createdBy: 'billing-groups',
  });
  let rows: FocusCells[] = [];
  for await (const batch of charges) {
    for (const charge of batch) rows.push(focusCells(charge));
    if (rows.length < ROWS_AT_ONCE) continue;
    await writeGroup(file, rows);
    rows = [];
    yield taken(bytes);
  }
  if (rows.length > 0) await writeGroup(file, rows);
  await file.finish();
  yield taken(bytes);
}

async function writeGroup(file: ParquetWriter, rows: readonly FocusCells[]): Promise<void> {
  await file.write({
    columnData: COLUMNS.map(([name, kind]) => ({ name, data: rows.map((row) => storedValue(row[name], kind)) })),
    rowGroupSize: rows.length,
  });
}

function storedValue(cell: FocusCells[keyof FocusCells], kind: FocusKind): unknown {
  return kind === 'decimal' && typeof cell === 'string' ? unscaled(cell) : cell;
}

/** Parquet stores decimals as whole numbers. */
function unscaled(amount: string): bigint {
  return BigInt(new Decimal(amount).times(10 ** SCALE).toFixed(0));
}

/** What was written since the last time. The writer goes on counting from there. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}
