import { z } from 'zod';
import type { BillingField, StoredOf } from './billing-field.ts';
import { isCountry } from './country.ts';
import { addressFault, cleanAddress } from './electronic-address.ts';
import { cleanName } from './names.ts';

/** domain.md, Entities. */
export const MAX_ADDRESS_LINES = 3;
export const MAX_EMAILS = 10;
export const MAX_EMAIL_LENGTH = 254;

/** An address: a local part, `@`, and a domain with a dot. Only sending a message can show whether it exists. */
const EMAIL =
  /^[^\s@"<>(),;:\\[\]]+@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+$/u;

type Limits = Pick<BillingField, 'noun' | 'limit'>;

/**
 * What can be typed into a field of each kind, and what is stored. The items of a list are separated by line breaks or
 * commas.
 */
export const KIND_SCHEMAS: { readonly [K in keyof StoredOf]: (field: Limits) => z.ZodType<StoredOf[K], string> } = {
  line: ({ noun, limit }) => z.string().transform(cleanName).refine(fits(limit), tooLong(noun, limit)),
  text: ({ noun, limit }) =>
    z
      .string()
      .transform((text) => text.replace(/\r\n?/g, '\n').trim())
      .refine(fits(limit), tooLong(noun, limit)),
  country: () => z.string().refine((code) => code === '' || isCountry(code), 'Choose a country from the list.'),
  lines: ({ noun, limit }) =>
    z
      .string()
      .transform((text) => text.split('\n').map(cleanName).filter(Boolean))
      .refine((lines) => lines.length <= MAX_ADDRESS_LINES, `${noun} can have at most three lines.`)
      .refine((lines) => lines.every(fits(limit)), tooLong(`${noun} line`, limit)),
  emails,
};

/** Whether a text has the form of an email address. */
export function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL_LENGTH && EMAIL.test(text);
}

/** An electronic address as typed: scheme and identifier separated by a colon, or empty. */
export function electronicAddressSchema() {
  return z.string().transform((text, context) => {
    const fault = addressFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    return cleanAddress(text);
  });
}

/** Every invalid address is named. Duplicates count once. */
function emails() {
  return z
    .string()
    .transform((text) => [...new Set(text.split(/[\s,;]+/).filter(Boolean))])
    .superRefine((all, context) => {
      const wrong = all.filter((one) => !isEmail(one));
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
      if (all.length > MAX_EMAILS) {
        context.addIssue({
          code: 'custom',
          message: `Enter at most ${MAX_EMAILS} addresses. You entered ${all.length}.`,
        });
      }
    });
}

function fits(limit: number) {
  return (text: string) => [...text].length <= limit;
}

function tooLong(noun: string, limit: number): string {
  return `${noun} can have at most ${limit} characters.`;
}
