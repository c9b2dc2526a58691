import type { NewEvent } from '../../billing/event/event.ts';
import { FIELD_NAMES, fieldOf, fieldText, fieldValue } from '../../billing/group/billing-fields.ts';
import type { BillingInformation, VatState } from '../../billing/group/billing-information.ts';
import { type BillingInput, billingInputSchema, fromInput, toInput } from '../../billing/group/billing-input.ts';
import { Refusal } from '../../billing/refusal.ts';
import { judgeVatId } from '../../billing/tax/vat-id.ts';

interface Change {
  /** The field's name in the log. */
  readonly field: string;
  readonly from: string | readonly string[];
  readonly to: string | readonly string[];
  readonly shown: string;
}

/** The input in its stored form. @throws {Refusal} `invalid_input` with every field at fault */
export function checkedBilling(input: BillingInput): Omit<BillingInformation, 'vatState'> {
  const parsed = billingInputSchema.safeParse(input);
  const fields: Record<string, string> = {};
  for (const issue of parsed.error?.issues ?? []) fields[String(issue.path[0])] ??= issue.message;
  const judged = judgeVatId(input.vatId, input.countryCode);
  if ('fault' in judged) fields.vatId ??= judged.fault;
  if (!parsed.success || 'fault' in judged) {
    throw new Refusal('invalid_input', { fields });
  }
  return { ...fromInput(parsed.data), vatId: judged.vatId };
}

/**
 * The stored information after some fields are changed; all fields are checked. @throws {Refusal} as `checkedBilling`
 */
export function mergedBilling(before: BillingInformation, input: Partial<BillingInput>): BillingInformation {
  const wanted = checkedBilling({ ...toInput(before), ...input });
  return { ...wanted, vatState: stateAfter(before, wanted) };
}

/** Whether a change invalidates an earlier confirmation or rejection by the tax office. */
export function isVatChanged(before: BillingInformation, after: BillingInformation): boolean {
  return before.vatState !== after.vatState || (after.vatId !== before.vatId && after.vatId !== '');
}

/** An event for each changed field, and one for the state of the VAT ID; none if nothing changed. */
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

/** The tax office's result is valid as long as the number and country stay the same. */
function stateAfter(before: BillingInformation, wanted: Omit<BillingInformation, 'vatState'>): VatState {
  if (wanted.vatId === '') return 'none';
  const isSame = wanted.vatId === before.vatId && wanted.countryCode === before.countryCode;
  return isSame ? before.vatState : 'unconfirmed';
}

function changes(before: BillingInformation, after: BillingInformation): Change[] {
  return FIELD_NAMES.flatMap((name) => {
    const [from, to] = [fieldValue(before, name), fieldValue(after, name)];
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    return [{ field: fieldOf(name).logName, from, to, shown: fieldText(after, name, ', ') }];
  });
}
