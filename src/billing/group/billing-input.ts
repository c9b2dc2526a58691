import { z } from 'zod';
import type { BillingInformation } from './billing-information.ts';
import { isCountry } from './country.ts';
import { addressFault, cleanAddress } from './electronic-address.ts';
import { cleanName } from './names.ts';

/** domain.md, Entities. */
export const BILLING_LIMITS = {
  company: 83,
  addressLines: 3,
  addressLine: 83,
  city: 50,
  state: 30,
  zipCode: 36,
  vatId: 64,
  emails: 10,
  email: 254,
  extraText: 1000,
  buyerReference: 100,
  orderNumber: 100,
  electronicAddress: 60,
} as const;

/** One address: what stands before the last `@`, and a domain with a dot in it. Whether it exists only a mail can tell. */
const EMAIL =
  /^[^\s@"<>(),;:\\[\]]+@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+$/u;

/** Whether a text has the form of an email address. */
export function isEmail(text: string): boolean {
  return text.length <= BILLING_LIMITS.email && EMAIL.test(text);
}

/** Billing information as it is typed: lists have a line, or a comma, between their parts. */
export const billingInputSchema = z.object({
  company: line('A company’s name', BILLING_LIMITS.company),
  address: z
    .string()
    .transform((text) => text.split('\n').map(cleanName).filter(Boolean))
    .refine((lines) => lines.length <= BILLING_LIMITS.addressLines, 'An address can have at most three lines.')
    .refine(
      (lines) => lines.every((one) => [...one].length <= BILLING_LIMITS.addressLine),
      `An address line can have at most ${BILLING_LIMITS.addressLine} characters.`,
    ),
  city: line('A city’s name', BILLING_LIMITS.city),
  state: line('A state’s name', BILLING_LIMITS.state),
  zipCode: line('A postal code', BILLING_LIMITS.zipCode),
  countryCode: z.string().refine((code) => code === '' || isCountry(code), 'Choose a country from the list.'),
  vatId: z.string().max(200, `A VAT ID can have at most ${BILLING_LIMITS.vatId} characters.`),
  billingEmails: emails(),
  contactEmails: emails(),
  extraText: z
    .string()
    .transform((text) => text.replace(/\r\n?/g, '\n').trim())
    .refine(
      (text) => [...text].length <= BILLING_LIMITS.extraText,
      `The text can have at most ${BILLING_LIMITS.extraText} characters.`,
    ),
  buyerReference: line('A buyer reference', BILLING_LIMITS.buyerReference).default(''),
  orderNumber: line('A purchase order number', BILLING_LIMITS.orderNumber).default(''),
  electronicAddress: addressInput().default(''),
});
export type BillingInput = z.input<typeof billingInputSchema>;

/** What a form shows of billing information. */
export function toInput(billing: BillingInformation): BillingInput {
  const { company, city, state, zipCode, countryCode, vatId, extraText } = billing;
  const { buyerReference = '', orderNumber = '', electronicAddress = '' } = billing;
  return {
    ...{ company, city, state, zipCode, countryCode, vatId, extraText },
    ...{ buyerReference, orderNumber, electronicAddress },
    address: billing.addressLines.join('\n'),
    billingEmails: billing.billingEmails.join('\n'),
    contactEmails: billing.contactEmails.join('\n'),
  };
}

/** An electronic address as it is typed: scheme and identifier with a colon between them, or nothing. */
export function addressInput() {
  return z.string().transform((text, context) => {
    const fault = addressFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    return cleanAddress(text);
  });
}

function line(what: string, limit: number) {
  return z
    .string()
    .transform(cleanName)
    .refine((text) => [...text].length <= limit, `${what} can have at most ${limit} characters.`);
}

/** Each faulty address is named; one that comes twice counts once. */
function emails() {
  return z
    .string()
    .transform((text) => [...new Set(text.split(/[\s,;]+/).filter(Boolean))])
    .superRefine((all, context) => {
      const wrong = all.filter((one) => one.length > BILLING_LIMITS.email || !EMAIL.test(one));
      if (wrong.length > 0) {
        const named = wrong
          .slice(0, 3)
          .map((one) => `“${one.slice(0, 60)}”`)
          .join(', ');
        context.addIssue({
          code: 'custom',
          message:
            wrong.length === 1 ? `${named} isn’t a valid email address.` : `${named} aren’t valid email addresses.`,
        });
      }
      if (all.length > BILLING_LIMITS.emails) {
        context.addIssue({
          code: 'custom',
          message: `Enter at most ${BILLING_LIMITS.emails} addresses. You entered ${all.length}.`,
        });
      }
    });
}
