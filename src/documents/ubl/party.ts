import { isCountry } from '../../billing/country.ts';
import type { DocumentBuyer, DocumentSeller } from '../document.ts';
import { group, leaf, type XmlElement } from './xml.ts';

/** Electronic address schemes of the PEPPOL code list whose identifiers are VAT IDs, by the IDs' first two letters. */
const VAT_SCHEMES: Readonly<Record<string, string>> = {
  ...{ AD: '9922', AL: '9923', AT: '9914', BA: '9924', BE: '9925', BG: '9926', CY: '9928', CZ: '9929', DE: '9930' },
  ...{ DK: '0198', EE: '9931', EL: '9933', ES: '9920', FI: '0213', FR: '9957', GB: '9932', HR: '9934', HU: '9910' },
  ...{ IE: '9935', IT: '0211', LI: '9936', LT: '9937', LU: '9938', LV: '9939', MC: '9940', ME: '9941', MK: '9942' },
  ...{ MT: '9943', NL: '9944', PL: '9945', PT: '9946', RO: '9947', RS: '9948', SI: '9949', SK: '9950', SM: '9951' },
};
/** Electronic mail. */
const EMAIL_SCHEME = 'EM';

/**
 * BG-4, the seller. One whose supply is outside the scope of VAT is not named by its VAT ID (BR-O-02) but by the same digits
 * as its registration; one without any by its e-mail address (BR-CO-26).
 */
export function sellerParty(seller: DocumentSeller, isOutsideScope: boolean): XmlElement | null {
  const vatId = isOutsideScope ? '' : vatIdOf(seller.vatId);
  const registration = vatId === '' ? seller.vatId : '';
  return group(
    'cac:AccountingSupplierParty',
    group(
      'cac:Party',
      endpoint(seller.vatId, seller.email),
      group('cac:PartyIdentification', seller.vatId === '' && leaf('cbc:ID', seller.email)),
      group('cac:PartyName', leaf('cbc:Name', seller.legalName)),
      address(seller, ''),
      taxScheme(vatId, 'VAT'),
      // BT-32: a tax number that is sufficient without a VAT ID, or a number of another kind, such as one of Japan
      !isOutsideScope && vatId === '' && taxScheme(registration || (seller.taxNumber ?? ''), 'TAX'),
      group(
        'cac:PartyLegalEntity',
        leaf('cbc:RegistrationName', seller.legalName),
        leaf('cbc:CompanyID', registration),
      ),
      group('cac:Contact', leaf('cbc:Name', seller.legalName), leaf('cbc:ElectronicMail', seller.email)),
    ),
  );
}

/** BG-7, the buyer: the company, and the billing group as its other name (BT-45). */
export function buyerParty(buyer: DocumentBuyer, isOutsideScope: boolean): XmlElement | null {
  const vatId = isOutsideScope ? '' : vatIdOf(buyer.vatId);
  const registration = vatId === '' ? buyer.vatId : '';
  return group(
    'cac:AccountingCustomerParty',
    group(
      'cac:Party',
      endpoint(buyer.vatId, buyer.emails[0] ?? ''),
      group('cac:PartyName', leaf('cbc:Name', buyer.groupName)),
      address(buyer, buyer.state),
      taxScheme(vatId, 'VAT'),
      group(
        'cac:PartyLegalEntity',
        leaf('cbc:RegistrationName', buyer.company || buyer.groupName),
        leaf('cbc:CompanyID', registration),
      ),
      group('cac:Contact', leaf('cbc:ElectronicMail', buyer.emails[0])),
    ),
  );
}

/** A VAT ID with the prefix of its country (BR-CO-09); empty for a number of another kind. */
export function vatIdOf(number: string): string {
  const prefix = number.slice(0, 2);
  return /^[A-Z]{2}[A-Z0-9+*]+$/.test(number) && (isCountry(prefix) || prefix === 'EL') ? number : '';
}

/** Where it can be sent to over the PEPPOL network: by VAT ID where there is a scheme for it, else by e-mail. */
function endpoint(vatId: string, email: string): XmlElement | null {
  const scheme = vatIdOf(vatId) === '' ? undefined : VAT_SCHEMES[vatId.slice(0, 2)];
  if (scheme !== undefined) return leaf('cbc:EndpointID', vatId, { schemeID: scheme });
  return leaf('cbc:EndpointID', email, { schemeID: EMAIL_SCHEME });
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
