import { Decimal, toFixedMinor } from '../billing/money/money.ts';
import type { BillingDocument } from './document.ts';

const MOST = new Decimal('999999999.99');
/** EPC069-12, 2.3: the payload's bytes in UTF-8, and a name's characters. */
const MOST_BYTES = 331;
const NAME = 70;
const REMITTANCE = 140;

/**
 * The data that a banking app reads from the code beside the bank details: a SEPA credit transfer (EPC069-12, version
 * 2, UTF-8) with the invoice number as the remittance information.
 *
 * @returns null if there is nothing to transfer in euros, or no account to transfer to
 */
export function epcPayload(document: BillingDocument): string | null {
  const { kind, isPreview, currency, amountDue, payment, seller, number } = document;
  if (
    isPreview ||
    kind !== 'invoice' ||
    payment.kind !== 'bank_transfer' ||
    seller.bank === null ||
    seller.bank.iban === ''
  )
    return null;
  if (currency !== 'EUR' || amountDue.lte(0) || amountDue.gt(MOST)) return null;
  const { iban, bic } = seller.bank;
  const payload = (name: string) =>
    [
      'BCD',
      '002',
      '1',
      'SCT',
      bic,
      name,
      iban,
      `EUR${toFixedMinor(amountDue, currency)}`,
      '',
      '',
      oneLine(number, REMITTANCE),
    ].join('\n');
  const name = oneLine(seller.legalName, NAME);
  const spare = MOST_BYTES - Buffer.byteLength(payload(''));
  return payload(cutToBytes(name, spare));
}

/** Keeps a value on one line and within its limit. */
function oneLine(text: string, most: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim();
  return [...clean].slice(0, most).join('');
}

function cutToBytes(text: string, most: number): string {
  let cut = '';
  for (const letter of text) {
    if (Buffer.byteLength(cut + letter) > most) break;
    cut += letter;
  }
  return cut;
}
