import type { Seller } from '../../src/billing/account/seller.ts';
import { type BillingInformation, NO_BILLING_INFORMATION } from '../../src/billing/group/billing-information.ts';

interface Place {
  readonly zipCode: string;
  readonly city: string;
  readonly vatId: string;
  readonly iban: string;
  /** The country's second rate. */
  readonly lowRate: string;
  /** If the VAT ID doesn't determine it. */
  readonly electronicAddress?: string;
}

/** Sellers' countries, with valid check digits. */
export const PLACES: Readonly<Record<string, Place>> = {
  DE: { zipCode: '10117', city: 'Berlin', vatId: 'DE136695976', iban: 'DE89370400440532013000', lowRate: '7' },
  FR: { zipCode: '75002', city: 'Paris', vatId: 'FR40303265045', iban: 'FR1420041010050500013M02606', lowRate: '5.5' },
  BE: { zipCode: '1000', city: 'Bruxelles', vatId: 'BE0428759497', iban: 'BE68539007547034', lowRate: '6' },
  NL: {
    ...{ zipCode: '1012 AB', city: 'Amsterdam', vatId: 'NL004495445B01', iban: 'NL91ABNA0417164300', lowRate: '9' },
    electronicAddress: '0106:12345678',
  },
  AT: { zipCode: '1010', city: 'Wien', vatId: 'ATU13585627', iban: 'AT611904300234573201', lowRate: '10' },
  SE: { zipCode: '111 22', city: 'Stockholm', vatId: 'SE556703748501', iban: 'SE4550000000058398257466', lowRate: '6' },
  ES: { zipCode: '28013', city: 'Madrid', vatId: 'ESB58378431', iban: 'ES9121000418450200051332', lowRate: '10' },
  IT: { zipCode: '20121', city: 'Milano', vatId: 'IT00743110157', iban: 'IT60X0542811101000000123456', lowRate: '10' },
  DK: { zipCode: '1050', city: 'København', vatId: 'DK13585628', iban: 'DK5000400440116243', lowRate: '25' },
  NO: { zipCode: '0150', city: 'Oslo', vatId: 'NO974760673MVA', iban: 'NO9386011117947', lowRate: '15' },
};

/** A country's seller, with everything its invoices need. */
export function sellerOf(country: string): Seller {
  const { zipCode, city, vatId, iban, electronicAddress = '' } = placeOf(country);
  return {
    ...{ legalName: 'Northwind Cloud AS', addressLines: ['1 Main Street'], zipCode, city, countryCode: country },
    ...{ vatId, iban, bic: 'COBADEFFXXX', bankName: 'Handelsbank', electronicAddress },
    ...{ contactName: 'Billing team', phone: '+49 30 1234567', email: 'billing@northwind.example' },
  };
}

/** A country's buyer, with everything an invoice to it needs. */
export function buyerOf(country: string): BillingInformation {
  const { zipCode, city, vatId, electronicAddress = '' } = placeOf(country);
  return {
    ...NO_BILLING_INFORMATION,
    ...{ company: 'Azulejo Analytics', addressLines: ['7 Side Street'], zipCode, city, countryCode: country },
    ...{ vatId, vatState: 'valid', electronicAddress, billingEmails: ['invoices@azulejo.example'] },
    ...{ buyerReference: '04011000-1234512345-06', orderNumber: 'PO-2026-17', extraText: 'Cost center 4711' },
  };
}

/** A buyer outside the EU. */
export const SWISS_BUYER: BillingInformation = {
  ...buyerOf('AT'),
  ...{ countryCode: 'CH', city: 'Zürich', zipCode: '8001', vatId: 'CHE116281710MWST' },
};

function placeOf(country: string): Place {
  const place = PLACES[country];
  if (!place) throw new Error(`No party in ${country}`);
  return place;
}
