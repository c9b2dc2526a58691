import { z } from 'zod';
import type { BillingField, StoredOf } from './billing-field.ts';
import {
  FIELD_NAMES,
  type FieldName,
  type FieldValues,
  fieldOf,
  fieldValue,
  type InputName,
  inputNameOf,
  type KindOf,
  type OptionalName,
} from './billing-fields.ts';
import { KIND_SCHEMAS } from './billing-schemas.ts';

/** Billing information as typed. The items of a list are separated by line breaks or commas. */
export type BillingInput = {
  [K in Exclude<FieldName, OptionalName> as InputName<K>]: string;
} & {
  [K in OptionalName as InputName<K>]?: string | undefined;
};

type Shape = {
  [K in FieldName as InputName<K>]: K extends OptionalName
    ? z.ZodPrefault<z.ZodType<StoredOf[KindOf<K>], string>>
    : z.ZodType<StoredOf[KindOf<K>], string>;
};

/** Checks and cleans each field by its entry. */
export const billingInputSchema = z.object(
  // a schema for each field of the list, under its name in forms
  Object.fromEntries(FIELD_NAMES.map((name) => [inputNameOf(name), schemaOf(fieldOf(name))])) as unknown as Shape,
);

/** The billing information as shown in a form. */
export function toInput(billing: FieldValues): BillingInput {
  const typed = FIELD_NAMES.map((name) => {
    const value = fieldValue(billing, name);
    return [inputNameOf(name), typeof value === 'string' ? value : value.join('\n')];
  });
  // a text for each field of the list
  return Object.fromEntries(typed) as BillingInput;
}

/** The input as stored, once it is checked. */
export function fromInput(checked: z.output<typeof billingInputSchema>): FieldValues {
  // a value for each field of the list
  return Object.fromEntries(FIELD_NAMES.map((name) => [name, checked[inputNameOf(name)]])) as unknown as FieldValues;
}

function schemaOf(field: BillingField): z.ZodType {
  const schema: z.ZodType<unknown, string> = field.schema?.() ?? KIND_SCHEMAS[field.kind](field);
  return field.isOptional ? schema.prefault('') : schema;
}
