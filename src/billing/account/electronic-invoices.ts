/** Whether invoices can be issued without an electronic invoice (our rule). */
export const ELECTRONIC_INVOICE_POLICIES = ['if_possible', 'for_addresses', 'required'] as const;
export type ElectronicInvoicePolicy = (typeof ELECTRONIC_INVOICE_POLICIES)[number];
export const DEFAULT_ELECTRONIC_INVOICE_POLICY: ElectronicInvoicePolicy = 'if_possible';

export const ELECTRONIC_INVOICE_NAMES: Readonly<Record<ElectronicInvoicePolicy, string>> = {
  if_possible: 'attached if possible',
  for_addresses: 'required for billing groups with an electronic address',
  required: 'required for all billing groups',
};

/** Whether a group's invoice is held back as long as its electronic invoice can't be made. */
export function needsElectronicInvoice(
  policy: ElectronicInvoicePolicy = DEFAULT_ELECTRONIC_INVOICE_POLICY,
  buyer: { readonly electronicAddress?: string } = {},
): boolean {
  return policy === 'required' || (policy === 'for_addresses' && (buyer.electronicAddress ?? '') !== '');
}
