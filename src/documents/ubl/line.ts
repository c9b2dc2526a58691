import { ZERO } from '../../billing/money/money.ts';
import type { BillingDocument, DocumentLine } from '../document.ts';
import { spanName } from '../document-words.ts';
import { amount } from './amount.ts';
import { taxCategory } from './tax.ts';
import { group, leaf, type XmlElement } from './xml.ts';

/** UN/ECE Recommendation 20: one. */
const ONE = 'C62';
/** UNCL5189: discount. */
const DISCOUNT = '95';

/**
 * BG-25. A line is one unit at the price of its amount. A negative amount is minus one unit, since prices can't be
 * negative (BR-27). A discount is a line allowance (BG-27).
 */
export function lineElement(document: BillingDocument, line: DocumentLine, id: number): XmlElement | null {
  const { kind, currency } = document;
  const discount = line.preDiscount.minus(line.total);
  const hasDiscount = discount.gt(0) && line.preDiscount.gte(0);
  const price = hasDiscount ? line.preDiscount : line.total;
  const quantity = price.isNegative() && !price.isZero() ? '-1' : '1';
  const isWithin = line.begin >= document.periodBegin && line.end <= document.periodEnd && line.begin <= line.end;
  return group(
    kind === 'invoice' ? 'cac:InvoiceLine' : 'cac:CreditNoteLine',
    leaf('cbc:ID', String(id)),
    // PEPPOL-EN16931-R110 and R111 keep a line's period within the invoice's
    !isWithin && leaf('cbc:Note', spanName(line.begin, line.end)),
    leaf(kind === 'invoice' ? 'cbc:InvoicedQuantity' : 'cbc:CreditedQuantity', quantity, { unitCode: ONE }),
    amount('cbc:LineExtensionAmount', line.total, currency),
    leaf('cbc:AccountingCost', line.projectName),
    isWithin && period(line.begin, line.end),
    hasDiscount &&
      group(
        'cac:AllowanceCharge',
        leaf('cbc:ChargeIndicator', 'false'),
        leaf('cbc:AllowanceChargeReasonCode', DISCOUNT),
        leaf('cbc:AllowanceChargeReason', 'Discount'),
        amount('cbc:Amount', discount, currency),
      ),
    item(line),
    group('cac:Price', amount('cbc:PriceAmount', price.abs(), currency)),
  );
}

/** BG-14 and BG-26. */
export function period(begin: string, end: string): XmlElement | null {
  return group('cac:InvoicePeriod', leaf('cbc:StartDate', begin), leaf('cbc:EndDate', end));
}

/** BG-20: a reduction of the net before tax at one tax rate. */
export function allowance(line: DocumentLine, currency: string): XmlElement | null {
  return group(
    'cac:AllowanceCharge',
    leaf('cbc:ChargeIndicator', 'false'),
    leaf('cbc:AllowanceChargeReasonCode', DISCOUNT),
    leaf('cbc:AllowanceChargeReason', line.description.trim() || 'Credit'),
    amount('cbc:Amount', line.total.neg(), currency),
    taxCategory('cac:TaxCategory', line.taxCategory, line.taxRate),
  );
}

/** The line of a document without lines, since there must be one (BR-16). */
export function nothing(document: BillingDocument): DocumentLine {
  const { periodBegin: begin, periodEnd: end, taxes } = document;
  return {
    lineType: 'other_event',
    description: 'No costs in this period',
    ...{ projectName: '', projectLabel: null, serviceName: '', serviceType: null, servicePlan: null, cloudName: null },
    ...{ begin, end, preDiscount: ZERO, total: ZERO, records: 0 },
    taxCategory: taxes[0]?.category ?? 'O',
    taxRate: taxes[0]?.rate ?? ZERO,
  };
}

function item(line: DocumentLine): XmlElement | null {
  const property = (name: string, value: string | null) =>
    value !== null &&
    value.trim() !== '' &&
    group('cac:AdditionalItemProperty', leaf('cbc:Name', name), leaf('cbc:Value', value));
  return group(
    'cac:Item',
    leaf('cbc:Name', line.description.trim() || line.serviceName.trim() || line.lineType.replaceAll('_', ' ')),
    taxCategory('cac:ClassifiedTaxCategory', line.taxCategory, line.taxRate),
    property('Service', line.serviceName),
    property('Service type', line.serviceType),
    property('Plan', line.servicePlan),
    property('Cloud', line.cloudName),
    property('Project label', line.projectLabel),
  );
}
