import { minorUnits } from '../../../src/billing/money/currency.ts';
import { Decimal, sum } from '../../../src/billing/money/money.ts';
import { peppol } from './national-rules.ts';
import { all, anywhere, type Node, number, text } from './read-ubl.ts';

export type Rule = readonly [id: string, holds: boolean];

const NO_TAX = ['Z', 'E', 'AE', 'G', 'O'];
const NEEDS_REASON = ['E', 'AE', 'G', 'O'];
const PROFILE = 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0';

/** The rules of EN 16931 and PEPPOL BIS Billing 3.0, written from their text, that a file breaks. */
export function broken(root: Node): string[] {
  const rules = [shape, totals, breakdown, parties, lines, payment, peppol];
  return rules
    .flatMap((of) => of(root))
    .filter(([, holds]) => !holds)
    .map(([id]) => id);
}

function shape(root: Node): Rule[] {
  const isInvoice = root.name === 'Invoice';
  const currency = text(root, 'DocumentCurrencyCode');
  const day = /^\d{4}-\d\d-\d\d$/;
  const amounts = everyAmount(root);
  return [
    ['BR-01', text(root, 'CustomizationID') === PROFILE],
    ['PEPPOL-EN16931-R007', text(root, 'ProfileID') === 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0'],
    ['BR-02', text(root, 'ID') !== ''],
    ['BR-03', day.test(text(root, 'IssueDate'))],
    ['BR-04', text(root, isInvoice ? 'InvoiceTypeCode' : 'CreditNoteTypeCode') === (isInvoice ? '380' : '381')],
    ['BR-05', /^[A-Z]{3}$/.test(currency)],
    ['BR-16', lineNodes(root).length > 0],
    ['BR-29', text(root, 'InvoicePeriod/EndDate') >= text(root, 'InvoicePeriod/StartDate')],
    ['BR-53', text(root, 'TaxCurrencyCode') === '' || all(root, 'TaxTotal').length === 2],
    ['BR-55', isInvoice || text(root, 'BillingReference/InvoiceDocumentReference/ID') !== ''],
    ['PEPPOL-EN16931-R002', all(root, 'Note').length <= 1],
    ['PEPPOL-EN16931-R003', text(root, 'BuyerReference') !== '' || text(root, 'OrderReference/ID') !== ''],
    ['PEPPOL-EN16931-R008', !hasEmpty(root)],
    ['PEPPOL-EN16931-R005', text(root, 'TaxCurrencyCode') !== currency],
    [
      'BR-DEC',
      amounts.every(({ text: digits, attributes }) => {
        const decimals = digits.split('.')[1]?.length ?? 0;
        return decimals <= Math.min(2, minorUnits(attributes.currencyID ?? ''));
      }),
    ],
    [
      'PEPPOL-EN16931-R051',
      amounts.every(({ attributes }) =>
        [currency, text(root, 'TaxCurrencyCode')].includes(attributes.currencyID ?? ''),
      ),
    ],
  ];
}

function totals(root: Node): Rule[] {
  const total = all(root, 'LegalMonetaryTotal')[0];
  if (!total) return [['BR-12', false]];
  const or0 = (name: string) => new Decimal(text(total, name) || 0);
  const allowances = sum(all(root, 'AllowanceCharge').map((one) => number(one, 'Amount')));
  const lineTotal = sum(lineNodes(root).map((line) => number(line, 'LineExtensionAmount')));
  const tax = number(root, 'TaxTotal/TaxAmount');
  const net = or0('LineExtensionAmount').minus(or0('AllowanceTotalAmount')).plus(or0('ChargeTotalAmount'));
  const due = or0('TaxInclusiveAmount').minus(or0('PrepaidAmount')).plus(or0('PayableRoundingAmount'));
  return [
    ['BR-CO-10', number(total, 'LineExtensionAmount').equals(lineTotal)],
    ['BR-CO-11', or0('AllowanceTotalAmount').equals(allowances)],
    ['BR-CO-12', text(total, 'ChargeTotalAmount') === ''],
    ['BR-CO-13', number(total, 'TaxExclusiveAmount').equals(net)],
    ['BR-CO-14', tax.equals(sum(subtotals(root).map((one) => number(one, 'TaxAmount'))))],
    ['BR-CO-15', number(total, 'TaxInclusiveAmount').equals(number(total, 'TaxExclusiveAmount').plus(tax))],
    ['BR-CO-16', number(total, 'PayableAmount').equals(due)],
    [
      'BR-CO-25',
      number(total, 'PayableAmount').lte(0) || text(root, 'DueDate') !== '' || text(root, 'PaymentTerms/Note') !== '',
    ],
  ];
}

function breakdown(root: Node): Rule[] {
  const found = subtotals(root);
  const used = usedCategories(root);
  const listed = found.map((one) => categoryKey(all(one, 'TaxCategory')[0]));
  const vatSeller = all(root, 'AccountingSupplierParty/Party/PartyTaxScheme')
    .filter((one) => text(one, 'CompanyID') !== 'Foretaksregisteret')
    .map((one) => text(one, 'CompanyID'))
    .join('');
  const buyer = all(root, 'AccountingCustomerParty/Party')[0];
  const buyerId = buyer ? text(buyer, 'PartyTaxScheme/CompanyID') || text(buyer, 'PartyLegalEntity/CompanyID') : '';
  const has = (category: string) => used.some((key) => key.startsWith(`${category} `));
  return [
    ['BR-CO-18', found.length > 0],
    ['BR-{S,Z,E,AE,G,O}-01', [...new Set(used)].sort().join() === [...listed].sort().join()],
    ['BR-{S,Z,E,G}-02', !['S', 'Z', 'E', 'G'].some(has) || vatSeller !== ''],
    ['BR-AE-02', !has('AE') || (vatSeller !== '' && buyerId !== '')],
    ['BR-O-02', !has('O') || (vatSeller === '' && (buyer ? text(buyer, 'PartyTaxScheme/CompanyID') : '') === '')],
    ['BR-O-11', !has('O') || new Set(used).size === 1],
    ...found.flatMap((one) => subtotalRules(root, one)),
  ];
}

function subtotalRules(root: Node, one: Node): Rule[] {
  const category = all(one, 'TaxCategory')[0] ?? one;
  const id = text(category, 'ID');
  const key = categoryKey(category);
  const [base, tax] = [number(one, 'TaxableAmount'), number(one, 'TaxAmount')];
  const percent = text(category, 'Percent');
  const decimals = Math.min(2, minorUnits(text(root, 'DocumentCurrencyCode')));
  const charged = sum(
    lineNodes(root)
      .filter((line) => categoryKey(all(line, 'Item/ClassifiedTaxCategory')[0]) === key)
      .map((line) => number(line, 'LineExtensionAmount')),
  );
  const allowed = sum(
    all(root, 'AllowanceCharge')
      .filter((allowance) => categoryKey(all(allowance, 'TaxCategory')[0]) === key)
      .map((allowance) => number(allowance, 'Amount')),
  );
  const hasReason = text(category, 'TaxExemptionReason') !== '' || text(category, 'TaxExemptionReasonCode') !== '';
  const codes: Readonly<Record<string, string>> = { AE: 'VATEX-EU-AE', G: 'VATEX-EU-G', O: 'VATEX-EU-O' };
  return [
    ['BR-48', percent !== '' || id === 'O'],
    [
      'BR-CO-17',
      tax.equals(
        base
          .times(percent || 0)
          .div(100)
          .toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP),
      ),
    ],
    [
      `BR-${id}-05`,
      id === 'S' ? Number(percent) > 0 : id === 'O' ? ['', '0'].includes(percent) : Number(percent) === 0,
    ],
    [`BR-${id}-08`, base.equals(charged.minus(allowed))],
    [`BR-${id}-09`, !NO_TAX.includes(id) || tax.isZero()],
    [`BR-${id}-10`, hasReason === NEEDS_REASON.includes(id)],
    ['PEPPOL-EN16931-P0104…P0111', text(category, 'TaxExemptionReasonCode') === (codes[id] ?? '')],
  ];
}

function parties(root: Node): Rule[] {
  return ['AccountingSupplierParty', 'AccountingCustomerParty'].flatMap((role): Rule[] => {
    const party = all(root, `${role}/Party`)[0];
    if (!party) return [['BR-06', false]];
    const vat = all(party, 'PartyTaxScheme').find((one) => text(one, 'TaxScheme/ID') === 'VAT');
    const vatId = vat ? text(vat, 'CompanyID') : '';
    const ids = [vatId, text(party, 'PartyIdentification/ID'), text(party, 'PartyLegalEntity/CompanyID')];
    const endpoint = all(party, 'EndpointID')[0];
    return [
      ['BR-06/07', text(party, 'PartyLegalEntity/RegistrationName') !== ''],
      ['BR-09/11', /^[A-Z]{2}$/.test(text(party, 'PostalAddress/Country/IdentificationCode'))],
      ['BR-CO-09', vatId === '' || /^[A-Z]{2}./.test(vatId)],
      ['BR-CO-26', role === 'AccountingCustomerParty' || ids.some((id) => id !== '')],
      ['PEPPOL-EN16931-R010/R020', (endpoint?.text ?? '') !== ''],
      ['BR-62/63', /^\d{4}$/.test(endpoint?.attributes.schemeID ?? '')],
    ];
  });
}

function lines(root: Node): Rule[] {
  const begin = text(root, 'InvoicePeriod/StartDate');
  const end = text(root, 'InvoicePeriod/EndDate');
  const ids = lineNodes(root).map((line) => text(line, 'ID'));
  return [
    ['BR-21', new Set(ids).size === ids.length],
    ...lineNodes(root).flatMap((line): Rule[] => {
      const quantity = all(line, root.name === 'Invoice' ? 'InvoicedQuantity' : 'CreditedQuantity')[0];
      const allowances = sum(all(line, 'AllowanceCharge').map((one) => number(one, 'Amount')));
      const net = new Decimal(quantity?.text ?? 'NaN').times(number(line, 'Price/PriceAmount')).minus(allowances);
      const from = text(line, 'InvoicePeriod/StartDate');
      return [
        ['BR-22/23', quantity?.attributes.unitCode === 'C62'],
        ['BR-25', text(line, 'Item/Name') !== ''],
        ['BR-27', number(line, 'Price/PriceAmount').gte(0)],
        ['BR-CO-04', text(line, 'Item/ClassifiedTaxCategory/ID') !== ''],
        [
          'BR-41/42',
          all(line, 'AllowanceCharge').every(
            (one) => number(one, 'Amount').gt(0) && text(one, 'AllowanceChargeReason') !== '',
          ),
        ],
        ['PEPPOL-EN16931-R120', number(line, 'LineExtensionAmount').equals(net)],
        ['PEPPOL-EN16931-R110/R111', from === '' || (from >= begin && text(line, 'InvoicePeriod/EndDate') <= end)],
      ];
    }),
    ...all(root, 'AllowanceCharge').flatMap((one): Rule[] => [
      ['BR-31', number(one, 'Amount').gt(0)],
      ['BR-32', text(one, 'TaxCategory/ID') !== ''],
      ['BR-33', text(one, 'AllowanceChargeReason') !== ''],
    ]),
  ];
}

function payment(root: Node): Rule[] {
  return all(root, 'PaymentMeans').flatMap((means): Rule[] => {
    const code = text(means, 'PaymentMeansCode');
    const card = text(means, 'CardAccount/PrimaryAccountNumberID');
    return [
      ['BR-49', code !== ''],
      ['BR-61', !['30', '58'].includes(code) || text(means, 'PayeeFinancialAccount/ID') !== ''],
      ['BR-51', all(means, 'CardAccount').length === 0 || /^.{4,6}$/.test(card)],
    ];
  });
}

function lineNodes(root: Node): Node[] {
  return all(root, root.name === 'Invoice' ? 'InvoiceLine' : 'CreditNoteLine');
}

function subtotals(root: Node): Node[] {
  return all(root, 'TaxTotal/TaxSubtotal');
}

function usedCategories(root: Node): string[] {
  return [
    ...lineNodes(root).map((line) => categoryKey(all(line, 'Item/ClassifiedTaxCategory')[0])),
    ...all(root, 'AllowanceCharge').map((one) => categoryKey(all(one, 'TaxCategory')[0])),
  ];
}

function categoryKey(category: Node | undefined): string {
  return category ? `${text(category, 'ID')} ${Number(text(category, 'Percent'))}` : '';
}

function everyAmount(root: Node): Node[] {
  return [
    'Amount',
    'TaxAmount',
    'TaxableAmount',
    'PriceAmount',
    'LineExtensionAmount',
    'PayableAmount',
    'PrepaidAmount',
  ]
    .concat(['TaxExclusiveAmount', 'TaxInclusiveAmount', 'AllowanceTotalAmount'])
    .flatMap((name) => anywhere(root, name));
}

function hasEmpty(node: Node): boolean {
  return node.children.some((child) => (child.children.length === 0 && child.text === '') || hasEmpty(child));
}
