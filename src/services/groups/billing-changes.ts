import type { NewEvent } from '../../billing/event/event.ts';
import type { BillingInformation, VatState } from '../../billing/group/billing-information.ts';
import { type BillingInput, billingInputSchema, toInput } from '../../billing/group/billing-input.ts';
import { countryName } from '../../billing/group/country.ts';
import { Refusal } from '../../billing/refusal.ts';
import { judgeVatId } from '../../billing/tax/vat-id.ts';

type Field =
  | 'company'
  | 'address'
  | 'city'
  | 'state'
  | 'postal code'
  | 'country'
  | 'VAT ID'
  | 'billing email address'
  | 'billing contact email address'
  | 'invoice text'
  | 'buyer reference'
  | 'purchase order number'
  | 'electronic address';

interface Change {
  readonly field: Field;
  readonly from: string | readonly string[];
  readonly to: string | readonly string[];
  readonly shown: string;
}

/** What was typed, in the form in which it is kept. @throws {Refusal} `invalid_input` with every field at fault */
export function checkedBilling(input: BillingInput): Omit<BillingInformation, 'vatState'> {
  const parsed = billingInputSchema.safeParse(input);
  const fields: Record<string, string> = {};
  for (const issue of parsed.error?.issues ?? []) fields[String(issue.path[0])] ??= issue.message;
  const judged = judgeVatId(input.vatId, input.countryCode);
  if ('fault' in judged) fields.vatId ??= judged.fault;
  if (!parsed.success || 'fault' in judged) {
    throw new Refusal('invalid_input', { fields });
  }
  const { address: addressLines, vatId: _typed, ...rest } = parsed.data;
  return { ...rest, addressLines, vatId: judged.vatId };
}

/** What is kept once some of it is said again; all of it is checked. @throws {Refusal} as `checkedBilling` */
export function mergedBilling(before: BillingInformation, input: Partial<BillingInput>): BillingInformation {
  const wanted = checkedBilling({ ...toInput(before), ...input });
  return { ...wanted, vatState: stateAfter(before, wanted) };
}

/** Whether the word of the tax office, if there was one, counts no longer. */
export function isVatChanged(before: BillingInformation, after: BillingInformation): boolean {
  return before.vatState !== after.vatState || (after.vatId !== before.vatId && after.vatId !== '');
}

/** An event for each thing that changed, and one for the state of the VAT ID; none when nothing did. */
export function billingEvents(
  common: { readonly accountId: string; readonly billingGroupId: string },
  before: BillingInformation,
  after: BillingInformation,
): Omit<NewEvent, 'actor'>[] {
  return [
    ...changes(before, after).map(({ field, from, to, shown }) => ({
      ...common,
      type: 'billing_information_changed' as const,
      description: shown === '' ? `Removed ${field}` : `Set ${field} to ${shown}`,
      before: { [field]: from },
      after: { [field]: to },
    })),
    ...(isVatChanged(before, after) ? [vatEvent(common, before.vatState, after.vatState)] : []),
  ];
}

export function vatEvent(common: { accountId: string; billingGroupId: string }, from: VatState, to: VatState) {
  return {
    ...common,
    type: 'vat_state_changed' as const,
    description: `Set VAT ID state to ${to}`,
    before: { vatState: from },
    after: { vatState: to },
  };
}

/** The office's word holds as long as number and country stay the same. */
function stateAfter(before: BillingInformation, wanted: Omit<BillingInformation, 'vatState'>): VatState {
  if (wanted.vatId === '') return 'none';
  const isSame = wanted.vatId === before.vatId && wanted.countryCode === before.countryCode;
  return isSame ? before.vatState : 'unconfirmed';
}

function changes(before: BillingInformation, after: BillingInformation): Change[] {
  const fields: readonly [
    Field,
    (of: BillingInformation) => string | readonly string[],
    ((value: string) => string)?,
  ][] = [
    ['company', (of) => of.company],
    ['address', (of) => of.addressLines],
    ['city', (of) => of.city],
    ['state', (of) => of.state],
    ['postal code', (of) => of.zipCode],
    ['country', (of) => of.countryCode, countryName],
    ['VAT ID', (of) => of.vatId],
    ['billing email address', (of) => of.billingEmails],
    ['billing contact email address', (of) => of.contactEmails],
    ['invoice text', (of) => of.extraText],
    ['buyer reference', (of) => of.buyerReference ?? ''],
    ['purchase order number', (of) => of.orderNumber ?? ''],
    ['electronic address', (of) => of.electronicAddress ?? ''],
  ];
  return fields.flatMap(([field, get, show = String]) => {
    const [from, to] = [get(before), get(after)];
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    return [{ field, from, to, shown: typeof to === 'string' ? (to === '' ? '' : show(to)) : to.join(', ') }];
  });
}
