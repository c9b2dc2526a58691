import { isCountry } from '../../billing/group/country.ts';
import {
  type ElectronicAddress,
  electronicAddressOf,
  registerNumberOf,
} from '../../billing/group/electronic-address.ts';
import type { DocumentBuyer, DocumentSeller } from '../document.ts';
import { group, leaf, type XmlElement } from './xml.ts';

/**
 * Countries where a company's number must be from one of these registers (DK-R-014, DK-R-017, IS-R-002, NL-R-003,
 * SE-R-004).
 */
const OWN_REGISTERS: Readonly<Record<string, readonly string[]>> = {
  ...{ DK: ['0184'], IS: ['0196'], NL: ['0106', '0190'], SE: ['0007'] },
};
/** Norwegian companies that must name the register (NO-R-002): limited companies and branches of foreign ones. */
const NORWEGIAN_COMPANY = /\s(AS|ASA|NUF)$/;

/**
 * BG-4, the seller. Outside the scope of VAT, a seller isn't identified by its VAT ID (BR-O-02) but by the same digits
 * as its registration number, or without any by its email address (BR-CO-26).
 */
export function sellerParty(seller: DocumentSeller, isOutsideScope: boolean): XmlElement | null {
  const vatId = isOutsideScope ? '' : vatIdOf(seller.vatId);
  const taxNumber = isOutsideScope || vatId !== '' ? '' : seller.vatId || (seller.taxNumber ?? '');
  const company = companyId(seller, vatId);
  return group(
    'cac:AccountingSupplierParty',
    group(
      'cac:Party',
      endpoint(seller),
      group('cac:PartyIdentification', vatId === '' && company === null && leaf('cbc:ID', seller.email)),
      group('cac:PartyName', leaf('cbc:Name', seller.legalName)),
      address(seller, ''),
      taxScheme(vatId, 'VAT'),
      // BT-32: a tax number that is sufficient without a VAT ID, or one of another kind, such as Japan's; Sweden and
      // Norway allow only text
      taxScheme(taxRegistration(seller, taxNumber), 'TAX'),
      group('cac:PartyLegalEntity', leaf('cbc:RegistrationName', seller.legalName), company),
      group(
        'cac:Contact',
        leaf('cbc:Name', seller.contactName),
        leaf('cbc:Telephone', seller.phone),
        leaf('cbc:ElectronicMail', seller.email),
      ),
    ),
  );
}

/** BG-7, the buyer: the company, with the billing group as its trading name (BT-45). */
export function buyerParty(buyer: DocumentBuyer, isOutsideScope: boolean): XmlElement | null {
  const vatId = isOutsideScope ? '' : vatIdOf(buyer.vatId);
  return group(
    'cac:AccountingCustomerParty',
    group(
      'cac:Party',
      endpoint(buyer),
      group('cac:PartyName', leaf('cbc:Name', buyer.groupName)),
      address(buyer, buyer.state),
      taxScheme(vatId, 'VAT'),
      group(
        'cac:PartyLegalEntity',
        leaf('cbc:RegistrationName', buyer.company || buyer.groupName),
        companyId(buyer, vatId),
      ),
      group('cac:Contact', leaf('cbc:ElectronicMail', buyer.emails[0])),
    ),
  );
}

/** A VAT ID with its country's prefix (BR-CO-09); empty for a number of another kind. */
export function vatIdOf(number: string): string {
  const prefix = number.slice(0, 2);
  return /^[A-Z]{2}[A-Z0-9+*]+$/.test(number) && (isCountry(prefix) || prefix === 'EL') ? number : '';
}

/** A party's number in its country's register, if it is known and allowed; otherwise null. */
export function registerNumber(party: DocumentSeller | DocumentBuyer): ElectronicAddress | null {
  const number = registerNumberOf(party);
  const own = OWN_REGISTERS[party.countryCode];
  return number && (own === undefined || own.includes(number.scheme)) ? number : null;
}

/** BT-30 and BT-47: the registration number, or else a tax number that isn't a VAT ID. */
function companyId(party: DocumentSeller | DocumentBuyer, vatId: string): XmlElement | null {
  const number = registerNumber(party);
  if (number) return leaf('cbc:CompanyID', number.id, { schemeID: number.scheme });
  return vatId !== '' || party.countryCode in OWN_REGISTERS ? null : leaf('cbc:CompanyID', party.vatId);
}

function taxRegistration({ legalName, countryCode }: DocumentSeller, taxNumber: string): string {
  if (countryCode === 'NO') return NORWEGIAN_COMPANY.test(legalName) ? 'Foretaksregisteret' : '';
  return countryCode === 'SE' ? '' : taxNumber;
}

/** The address in the PEPPOL network (BT-34, BT-49). */
function endpoint(party: DocumentSeller | DocumentBuyer): XmlElement | null {
  const address = electronicAddressOf(party);
  return address && leaf('cbc:EndpointID', address.id, { schemeID: address.scheme });
}

function address(of: DocumentSeller | DocumentBuyer, state: string): XmlElement | null {
  const [street, second, ...others] = of.addressLines;
  return group(
    'cac:PostalAddress',
    leaf('cbc:StreetName', street),
    leaf('cbc:AdditionalStreetName', second),
    leaf('cbc:CityName', of.city),
    leaf('cbc:PostalZone', of.zipCode),
    leaf('cbc:CountrySubentity', state),
    group('cac:AddressLine', leaf('cbc:Line', others.join(', '))),
    group('cac:Country', leaf('cbc:IdentificationCode', of.countryCode)),
  );
}

function taxScheme(id: string, scheme: 'VAT' | 'TAX'): XmlElement | null {
  return group(
    'cac:PartyTaxScheme',
    leaf('cbc:CompanyID', id),
    id !== '' && group('cac:TaxScheme', leaf('cbc:ID', scheme)),
  );
}
