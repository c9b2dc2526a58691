import type { BillingField } from '../billing/group/billing-field.ts';
import { FIELD_NAMES, type FieldValues, fieldOf, fieldText, fieldValue } from '../billing/group/billing-fields.ts';

/** A field of the buyer's billing information, with its value. */
export interface BuyerField {
  readonly field: BillingField;
  readonly value: string | readonly string[];
  /** The readable value, with commas between list items. */
  readonly text: string;
}

/** The fields that a document shows, in the list's order, including empty ones. */
export function fieldsIn(
  buyer: Partial<FieldValues> & { readonly emails?: readonly string[] },
  isShown: (documents: BillingField['documents']) => boolean,
): BuyerField[] {
  const { emails: billingEmails, ...rest } = buyer;
  const values = { ...rest, ...(billingEmails && { billingEmails }) };
  return FIELD_NAMES.filter((name) => isShown(fieldOf(name).documents)).map((name) => ({
    field: fieldOf(name),
    value: fieldValue(values, name),
    text: fieldText(values, name, ', '),
  }));
}

/** The fields that a document shows under a label, with their values, without empty ones. */
export function labeledFields(
  buyer: Partial<FieldValues>,
  document: 'pdf' | 'ubl',
): { readonly label: string; readonly text: string }[] {
  return fieldsIn(buyer, (documents) => documents[document] !== null).flatMap(({ field, text }) => {
    const shown = field.documents[document];
    return shown && 'label' in shown && text !== '' ? [{ label: shown.label, text }] : [];
  });
}
