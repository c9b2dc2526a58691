import { z } from 'zod';
import type { BillingField, FieldKind } from '../../billing/group/billing-field.ts';
import {
  type ApiName,
  FIELD_NAMES,
  type FieldName,
  type FieldValues,
  fieldOf,
  fieldValue,
  inputNameOf,
  type KindOf,
  type OptionalName,
} from '../../billing/group/billing-fields.ts';
import type { BillingInput } from '../../billing/group/billing-input.ts';
import { MAX_ADDRESS_LINES, MAX_EMAILS } from '../../billing/group/billing-schemas.ts';
import { isCountry } from '../../billing/group/country.ts';
import { lineSchema } from './common.ts';

/** The type of a body's value for each kind of field. */
interface BodyOf {
  readonly line: string;
  readonly text: string;
  readonly country: string;
  readonly lines: string[];
  readonly emails: { email: string }[];
}

type ReadShape = {
  [K in FieldName as ApiName<K>]: K extends OptionalName
    ? z.ZodOptional<z.ZodType<BodyOf[KindOf<K>]>>
    : z.ZodType<BodyOf[KindOf<K>]>;
};
type WriteShape = {
  [K in FieldName as ApiName<K>]: z.ZodOptional<z.ZodNullable<z.ZodType<BodyOf[KindOf<K>]>>>;
};
export type BillingBody = z.output<z.ZodObject<ReadShape>>;
export type BillingBodyInput = z.output<z.ZodObject<WriteShape>>;

/** The schemas in answers and requests for each kind of field. */
const KINDS: {
  readonly [K in FieldKind]: {
    readonly read: z.ZodType<BodyOf[K]>;
    readonly write: (limit: number) => z.ZodType<BodyOf[K]>;
    readonly writeMeta?: { readonly description: string; readonly example: string };
  };
} = {
  line: { read: z.string(), write: lineSchema },
  text: { read: z.string(), write: lineSchema },
  country: {
    read: z.string(),
    write: () =>
      z
        .string()
        .transform((code) => code.toUpperCase())
        .refine((code) => code === '' || isCountry(code), 'Not an ISO 3166-1 alpha-2 country code.'),
    writeMeta: { description: 'ISO 3166-1 alpha-2, in either case', example: 'FI' },
  },
  lines: {
    read: z.array(z.string()),
    write: (limit) => z.array(oneLine(limit)).max(MAX_ADDRESS_LINES, `At most ${MAX_ADDRESS_LINES} lines.`),
  },
  emails: {
    read: z.array(z.object({ email: z.string() })),
    write: () =>
      z
        .array(z.strictObject({ email: z.string().regex(/^[^\s,;]+$/, 'Not a valid email address.') }))
        .max(MAX_EMAILS, `At most ${MAX_EMAILS} addresses.`),
  },
};

/** The billing information fields in an answer. Optional fields are absent while they are empty. */
export const billingReadShape = shapeOf<ReadShape>((field) => {
  const { read } = KINDS[field.kind];
  const schema = field.isOptional ? read.optional() : read;
  return field.api.description === undefined ? schema : schema.meta({ description: field.api.description });
});

/** The same in a request: an absent field stays the same, and null clears it. */
export const billingWriteShape = shapeOf<WriteShape>((field) => {
  const { write, writeMeta } = KINDS[field.kind];
  const schema = write(field.limit).nullable().optional();
  return writeMeta ? schema.meta(writeMeta) : schema;
});

/** Billing information in an answer. */
export function billingBody(billing: FieldValues): BillingBody {
  const fields = FIELD_NAMES.filter((name) => !fieldOf(name).isOptional || fieldValue(billing, name).length > 0);
  const values = fields.map((name) => {
    const value = fieldValue(billing, name);
    const { kind, api } = fieldOf(name);
    return [api.name, kind === 'emails' && typeof value !== 'string' ? value.map((email) => ({ email })) : value];
  });
  // a value for each field in the list, by its kind
  return Object.fromEntries(values) as BillingBody;
}

/** A body's changes to the billing information, as the services expect them. */
export function billingInputIn(body: BillingBodyInput): Partial<BillingInput> {
  const given: Readonly<Record<string, BodyOf[FieldKind] | null | undefined>> = body;
  return Object.fromEntries(
    FIELD_NAMES.flatMap((name) => {
      const value = given[fieldOf(name).api.name];
      return value === undefined ? [] : [[inputNameOf(name), typedText(value)]];
    }),
  );
}

/** The buyer of an invoice. */
export function buyerBody(buyer: FieldValues): Record<string, string | string[]> {
  const fields = FIELD_NAMES.filter((name) => fieldOf(name).documents.api);
  return Object.fromEntries(
    fields.map((name) => {
      const value = fieldValue(buyer, name);
      return [fieldOf(name).api.name, typeof value === 'string' ? value : [...value]];
    }),
  );
}

/** The form's text: one list item per line. */
function typedText(value: BodyOf[FieldKind] | null): string {
  if (value === null || typeof value === 'string') return value ?? '';
  return value.map((one) => (typeof one === 'string' ? one : one.email)).join('\n');
}

/** One line, since line breaks and commas would split it in two. */
function oneLine(limit: number) {
  return lineSchema(limit).refine((text) => !/[\r\n]/.test(text), 'A line can’t contain a line break.');
}

/** A schema for each field in the list, by its name in the API. */
function shapeOf<Shape>(schemaOf: (field: BillingField) => z.ZodType): Shape {
  // the list's names and kinds match the shape
  return Object.fromEntries(FIELD_NAMES.map((name) => [fieldOf(name).api.name, schemaOf(fieldOf(name))])) as Shape;
}
