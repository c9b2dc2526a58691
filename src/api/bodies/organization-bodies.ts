import { idFromText } from '../../billing/invoice/line-id.ts';
import { publishedServiceType } from '../../billing/invoice/service-type.ts';
import { type Decimal, toFixedMinor } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import type { ToUsd } from '../../services/costs/us-dollars.ts';
import type { GroupDetails } from '../../services/groups/group-details.ts';
import { type GroupInvoice, isIssued, nameOfInvoice } from '../../services/invoicing/group-invoices.ts';
import type { LineSummary } from '../../services/invoicing/invoice-reading.ts';
import { shownId } from '../ids.ts';
import { billingBody } from '../schemas/billing-fields.ts';
import { lastSecond, time } from '../schemas/common.ts';
import type { AddressBody, OrgGroupBody, OrgInvoiceBody, OrgLineBody } from '../schemas/organization.ts';
import { shownState, tagsBody } from './invoice-bodies.ts';

const METHOD_TYPES = {
  credit_card: 'credit_card',
  bank_transfer: 'bank_transfer',
  no_payment_expected: 'custom',
  disabled: 'custom',
} as const;

/** The type of a payment method in the organization generation. */
export function methodType(kind: keyof typeof METHOD_TYPES): (typeof METHOD_TYPES)[keyof typeof METHOD_TYPES] {
  return METHOD_TYPES[kind];
}

export function orgGroupBody(group: GroupDetails): OrgGroupBody {
  const { billing_emails, billing_contact_emails, billing_extra_text, vat_id } = billingBody(group.billing);
  const { address_id } = addressBody(group);
  const { id: methodId, method } = group.method;
  return {
    billing_group_id: shownId(group.id),
    billing_group_name: group.name,
    organization_id: shownId(group.account._id),
    billing_address_id: address_id,
    shipping_address_id: address_id,
    ...{ billing_emails, billing_contact_emails },
    currency: group.currency,
    custom_invoice_text: billing_extra_text,
    ...(methodId !== null && {
      payment_method: { payment_method_id: shownId(methodId), payment_method_type: methodType(method.kind) },
    }),
    vat_id,
    create_time: time(group.createdAt),
  };
}

/**
 * The address of a billing group. Its ID follows from what it says, so that groups with the same address share it, and
 * nothing has to be stored.
 */
export function addressBody(group: GroupDetails): AddressBody {
  const { company, address_lines, city, state, zip_code, country_code } = billingBody(group.billing);
  const said = [group.account._id, company, address_lines, city, state, zip_code, country_code];
  return {
    address_id: idFromText(JSON.stringify(said)),
    organization_id: shownId(group.account._id),
    name: company,
    ...{ address_lines, city, state, zip_code, country_code },
    create_time: time(group.createdAt),
    update_time: time(group.createdAt),
  };
}

/** @param timeZone the account's */
export function orgInvoiceBody(invoice: GroupInvoice, toUsd: ToUsd, timeZone: string): OrgInvoiceBody {
  const { currency, periodBegin, periodEnd, issuedAt, dueAt } = invoice;
  return {
    invoice_number: isIssued(invoice)
      ? nameOfInvoice(invoice)
      : `${nameOfInvoice(invoice)}-${shownId(invoice.billingGroupId)}`,
    billing_group_id: shownId(invoice.billingGroupId),
    organization_id: shownId(invoice.accountId),
    state: shownState(invoice),
    currency,
    invoice_period: { begin_time: time(periodBegin), end_time: lastSecond(periodEnd) },
    create_time: time(issuedAt ?? invoice.computedAt ?? periodBegin),
    issue_date: dayIn(issuedAt ?? periodEnd, timeZone),
    ...(dueAt && { due_date: dayIn(dueAt, timeZone) }),
    net: toFixedMinor(invoice.net, currency),
    net_usd: usd(toUsd(invoice.net, currency)),
    total: toFixedMinor(invoice.total, currency),
    total_usd: usd(toUsd(invoice.total, currency)),
    download_only: false,
  };
}

export function orgLineBody(line: LineSummary, currency: string, toUsd: ToUsd): OrgLineBody {
  const { projectName, serviceName, servicePlan, cloudName } = line;
  const serviceType = publishedServiceType(line);
  return {
    line_type: line.lineType,
    description: line.description,
    currency,
    total: toFixedMinor(line.total, currency),
    total_usd: usd(toUsd(line.total, currency)),
    ...(projectName !== '' && { project_id: projectName }),
    ...(serviceName !== '' && { service_id: serviceName }),
    ...(serviceType !== null && { service_type: serviceType }),
    ...(servicePlan !== null && { plan: servicePlan }),
    ...(cloudName !== null && { cloud: cloudName }),
    begin_time: time(line.begin),
    end_time: time(line.end),
    tags: tagsBody(line),
  };
}

/** Empty where no rate is known, since the published clients require a text. */
export function usd(amount: Decimal | null): string {
  return amount ? toFixedMinor(amount, 'USD') : '';
}
