import type { SchemaElement } from 'hyparquet';

/** How a column's raw values become the text of a cell. */
export type CellForm =
  | { readonly kind: 'text' }
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'timestamp'; readonly perSecond: bigint; readonly isUtc: boolean }
  | { readonly kind: 'day' }
  | { readonly kind: 'float' }
  | { readonly kind: 'double' }
  /** Bytes that mean nothing as text, such as a picture or an interval. */
  | { readonly kind: 'opaque' }
  /** A map, list or structure, written as JSON. */
  | { readonly kind: 'nested' };

export interface ParquetColumn {
  readonly name: string;
  readonly form: CellForm;
}

const PER_SECOND = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n } as const;

/**
 * The columns of a file, and its schema without what the columns mean: the library then returns decimals and instants as
 * they are stored, while it would turn them into floating-point numbers and dates of whole milliseconds itself.
 */
export function plainSchema(schema: readonly SchemaElement[]): {
  readonly columns: readonly ParquetColumn[];
  readonly schema: SchemaElement[];
} {
  const columns: ParquetColumn[] = [];
  const plain: SchemaElement[] = schema.slice(0, 1);
  for (let at = 1; at < schema.length; ) {
    const element = schema[at] as SchemaElement;
    const end = endOf(schema, at);
    const form: CellForm =
      end > at + 1 || element.repetition_type === 'REPEATED' ? { kind: 'nested' } : formOf(element);
    columns.push({ name: element.name, form });
    plain.push(...(form.kind === 'nested' ? schema.slice(at, end) : [withoutMeaning(element, form)]));
    at = end;
  }
  return { columns, schema: plain };
}

/** The position behind an element and everything in it. */
function endOf(schema: readonly SchemaElement[], at: number): number {
  let end = at + 1;
  for (let children = schema[at]?.num_children ?? 0; children > 0; children--) end = endOf(schema, end);
  return end;
}

function formOf({ type, converted_type: converted, logical_type: logical, scale }: SchemaElement): CellForm {
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    return { kind: 'decimal', scale: (logical?.type === 'DECIMAL' ? logical.scale : undefined) ?? scale ?? 0 };
  }
  if (logical?.type === 'TIMESTAMP') {
    return { kind: 'timestamp', perSecond: PER_SECOND[logical.unit], isUtc: logical.isAdjustedToUTC };
  }
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') {
    const unit = converted === 'TIMESTAMP_MILLIS' ? 'MILLIS' : 'MICROS';
    return { kind: 'timestamp', perSecond: PER_SECOND[unit], isUtc: true };
  }
  // the earlier form of instants, in nanoseconds
  if (type === 'INT96') return { kind: 'timestamp', perSecond: PER_SECOND.NANOS, isUtc: true };
  if (converted === 'DATE' || logical?.type === 'DATE') return { kind: 'day' };
  if (type === 'DOUBLE') return { kind: 'double' };
  if (type === 'FLOAT') return { kind: 'float' };
  if (converted === 'BSON' || converted === 'INTERVAL') return { kind: 'opaque' };
  const isText = type === 'BYTE_ARRAY' || logical?.type === 'UUID' || logical?.type === 'FLOAT16';
  return { kind: type === 'FIXED_LEN_BYTE_ARRAY' && !isText ? 'opaque' : 'text' };
}

const WITHOUT_MEANING: readonly CellForm['kind'][] = ['decimal', 'timestamp', 'day', 'opaque'];

function withoutMeaning(element: SchemaElement, { kind }: CellForm): SchemaElement {
  const { converted_type: converted, logical_type: logical, ...raw } = element;
  if (WITHOUT_MEANING.includes(kind)) return raw;
  // JSON stays the text that it is
  if (element.type === 'BYTE_ARRAY') return { ...raw, converted_type: 'UTF8' };
  return { ...raw, ...(converted && { converted_type: converted }), ...(logical && { logical_type: logical }) };
}
