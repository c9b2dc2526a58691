import { addressFault } from '../../../src/billing/group/electronic-address.ts';
import { all, anywhere, type Node, number, text } from './read-ubl.ts';
import type { Rule } from './rules.ts';

const SELLER = 'AccountingSupplierParty/Party';
const BUYER = 'AccountingCustomerParty/Party';
const COUNTRY = 'PostalAddress/Country/IdentificationCode';

/** PEPPOL BIS Billing 3.0.21's rules on addresses and references, and the national rules, written from their text. */
export function peppol(root: Node): Rule[] {
  const [seller, buyer] = [text(root, `${SELLER}/${COUNTRY}`), text(root, `${BUYER}/${COUNTRY}`)];
  const isDomestic = seller === buyer;
  const national: Readonly<Record<string, (root: Node, isDomestic: boolean) => Rule[]>> = {
    ...{ DE: german, DK: danish, IT: italian, NL: dutch, NO: norwegian, SE: swedish },
  };
  const addresses = ['EndpointID', 'CompanyID'].flatMap((name) => anywhere(root, name));
  return [
    ['PEPPOL-EN16931-CL008', anywhere(root, 'EndpointID').every(hasForm)],
    ['PEPPOL-COMMON-R040…R057', addresses.every((one) => scheme(one) === '' || hasForm(one))],
    ['PEPPOL-EN16931-R053', all(root, 'TaxTotal').filter((one) => all(one, 'TaxSubtotal').length > 0).length === 1],
    ['BG-16', all(root, 'PaymentMeans').length === 1],
    ...(national[seller]?.(root, isDomestic) ?? []),
  ];
}

function german(root: Node, isDomestic: boolean): Rule[] {
  if (!isDomestic) return [];
  const [means] = all(root, 'PaymentMeans');
  const code = text(root, 'PaymentMeans/PaymentMeansCode');
  const has = (name: string) => means !== undefined && all(means, name).length > 0;
  const isTransfer = ['30', '58'].includes(code);
  const isCard = ['48', '54', '55'].includes(code);
  return [
    ['DE-R-001', means !== undefined],
    ['DE-R-003', text(root, `${SELLER}/PostalAddress/CityName`) !== ''],
    ['DE-R-004', text(root, `${SELLER}/PostalAddress/PostalZone`) !== ''],
    ['DE-R-005', text(root, `${SELLER}/Contact/Name`) !== ''],
    ['DE-R-006/027', /\d.*\d.*\d/.test(text(root, `${SELLER}/Contact/Telephone`))],
    ['DE-R-007/028', /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text(root, `${SELLER}/Contact/ElectronicMail`))],
    ['DE-R-008', text(root, `${BUYER}/PostalAddress/CityName`) !== ''],
    ['DE-R-009', text(root, `${BUYER}/PostalAddress/PostalZone`) !== ''],
    ['DE-R-014', all(root, 'TaxTotal/TaxSubtotal/TaxCategory').every((one) => text(one, 'Percent') !== '')],
    ['DE-R-015', text(root, 'BuyerReference') !== ''],
    ['DE-R-018', !text(root, 'PaymentTerms/Note').startsWith('#')],
    ['DE-R-023', !isTransfer || (has('PayeeFinancialAccount') && !has('CardAccount'))],
    ['DE-R-024', !isCard || (has('CardAccount') && !has('PayeeFinancialAccount'))],
  ];
}

function danish(root: Node, isDomestic: boolean): Rule[] {
  const code = text(root, 'PaymentMeans/PaymentMeansCode');
  const account = 'PaymentMeans/PayeeFinancialAccount';
  const bank = text(root, `${account}/FinancialInstitutionBranch/ID`);
  const isInvoice = root.name === 'Invoice';
  return [
    ['DK-R-002/014', companyScheme(root, SELLER) === '0184'],
    ['DK-R-005', !isDomestic || !isInvoice || '1 10 31 42 48 49 50 58 59 93 97'.split(' ').includes(code)],
    ['DK-R-006', !['31', '42'].includes(code) || (text(root, `${account}/ID`) !== '' && bank !== '')],
    ['DK-R-016', !isDomestic || isInvoice || number(root, 'LegalMonetaryTotal/PayableAmount').gte(0)],
    ['DK-R-017', !isDomestic || ['', '0184'].includes(companyScheme(root, BUYER))],
  ];
}

function italian(root: Node): Rule[] {
  const taxNumbers = all(root, `${SELLER}/PartyTaxScheme`).filter((one) => text(one, 'TaxScheme/ID') !== 'VAT');
  return [
    ['IT-R-001', taxNumbers.every((one) => /^[A-Z0-9]{11,16}$/.test(text(one, 'CompanyID')))],
    ['IT-R-002/003/004', isFull(root, SELLER)],
  ];
}

function dutch(root: Node, isDomestic: boolean): Rule[] {
  const codes = '30 48 49 57 58 59'.split(' ');
  return [
    ['NL-R-001', root.name === 'Invoice' || text(root, 'BillingReference/InvoiceDocumentReference/ID') !== ''],
    ['NL-R-002', isFull(root, SELLER)],
    ['NL-R-003', ['', '0106', '0190'].includes(companyScheme(root, SELLER))],
    ['NL-R-004', !isDomestic || isFull(root, BUYER)],
    ['NL-R-005', !isDomestic || ['', '0106', '0190'].includes(companyScheme(root, BUYER))],
    ['NL-R-007', all(root, 'PaymentMeans').length > 0],
    ['NL-R-008', !isDomestic || codes.includes(text(root, 'PaymentMeans/PaymentMeansCode'))],
  ];
}

function norwegian(root: Node): Rule[] {
  const vatId = vatIdOf(root);
  const registers = all(root, `${SELLER}/PartyTaxScheme`).map((one) => text(one, 'CompanyID'));
  return [
    ['NO-R-001', vatId === '' || /^NO\d{9}MVA$/.test(vatId)],
    ['NO-R-002', registers.includes('Foretaksregisteret')],
  ];
}

function swedish(root: Node): Rule[] {
  const vatId = vatIdOf(root);
  const categories = [...anywhere(root, 'TaxCategory'), ...anywhere(root, 'ClassifiedTaxCategory')];
  const rates = categories.filter((one) => text(one, 'ID') === 'S').map((one) => Number(text(one, 'Percent')));
  const taxNumbers = all(root, `${SELLER}/PartyTaxScheme`).filter((one) => text(one, 'TaxScheme/ID') !== 'VAT');
  return [
    ['SE-R-001/002', vatId === '' || /^SE\d{12}$/.test(vatId)],
    ['SE-R-003/004/013', companyScheme(root, SELLER) === '0007'],
    ['SE-R-005', taxNumbers.length === 0],
    ['SE-R-006', vatId === '' || rates.every((rate) => [25, 12, 6].includes(rate))],
  ];
}

function vatIdOf(root: Node): string {
  const one = all(root, `${SELLER}/PartyTaxScheme`).find((each) => text(each, 'TaxScheme/ID') === 'VAT');
  return one ? text(one, 'CompanyID') : '';
}

function isFull(root: Node, party: string): boolean {
  return ['StreetName', 'CityName', 'PostalZone'].every((name) => text(root, `${party}/PostalAddress/${name}`) !== '');
}

function companyScheme(root: Node, party: string): string {
  const [company] = all(root, `${party}/PartyLegalEntity/CompanyID`);
  return company ? scheme(company) : '';
}

function scheme({ attributes }: Node): string {
  return attributes.schemeID ?? '';
}

/** In the list of schemes, with an identifier in the scheme's format. */
function hasForm(one: Node): boolean {
  return addressFault(`${scheme(one)}:${one.text}`) === undefined;
}
