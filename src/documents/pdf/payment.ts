import { type Decimal, formatMoney } from '../../billing/money/money.ts';
import type { BillingDocument } from '../document.ts';
import { balanceText, dayName, grouped } from '../document-words.ts';
import { epcPayload } from '../epc.ts';
import type { Block } from './flow.ts';
import { heightOf, say } from './head.ts';
import type { Kit } from './kit.ts';
import { BODY, LABEL, SMALL, STRONG, type Style } from './look.ts';
import { qrMatrix } from './qr.ts';
import { lineHeight } from './text.ts';

const QR_SIZE = 84;
const GAP = 6;
/** ISO/IEC 18004: a margin of four modules on each side. */
const QUIET = 4;

/** How to pay, or why there is nothing to do: the text, and the code for banking apps below it. */
export function paymentOf(kit: Kit, document: BillingDocument, width: number): Block {
  const payload = epcPayload(document);
  const title = [{ text: titleFor(document), style: LABEL }];
  const words = wordsOf(document);
  const label = lineHeight(LABEL) + 3;
  const height = label + heightOf(kit, words, width);
  return {
    height: payload === null ? height : height + GAP + QR_SIZE,
    draw(y) {
      say(kit, 'H2', title, kit.left, y, width);
      say(kit, 'P', words, kit.left, y + label, width);
      if (payload !== null) drawQr(kit, payload, kit.left, y + height + GAP);
    },
  };
}

function titleFor({ kind, isPreview }: BillingDocument): string {
  if (isPreview) return 'About this preview';
  return kind === 'invoice' ? 'How to pay' : 'About this credit memo';
}

type Words = { readonly text: string; readonly style: Style }[];

function wordsOf(document: BillingDocument): Words {
  const { kind, payment, amountDue, currency, dueDate, number, seller, note, isPreview, balance } = document;
  if (kind === 'credit_memo') return memoWords(document);
  if (isPreview) {
    return plain([
      'This is a preview. The costs of the period may still change. Don’t pay it.',
      ...(note === undefined ? [] : [note]),
    ]);
  }
  if (balance) {
    return plain([balanceText(balance, currency), 'It pays your next invoices automatically. No action is needed.']);
  }
  if (amountDue.lte(0)) return plain(['Nothing to pay.']);
  if (payment.kind === 'none') return plain(['No payment is expected for this invoice.']);
  if (payment.kind === 'credit_card') {
    if (payment.note !== undefined) return plain([payment.note, 'No action is needed.']);
    return plain([
      `${formatMoney(amountDue, currency)} will be charged to your ${cardName(payment)}. No action is needed.`,
    ]);
  }
  const by = dueDate === null ? '' : ` by ${dayName(dueDate)}`;
  const { bank } = seller;
  const account = bank
    ? [
        `Account holder: ${seller.legalName}`,
        `IBAN: ${grouped(bank.iban)}`,
        bank.bic && `BIC: ${bank.bic}`,
        bank.name && `Bank: ${bank.name}`,
      ]
    : [`Please ask ${seller.email || seller.legalName} for the bank details.`];
  return [
    { text: `Please transfer ${formatMoney(amountDue, currency)}${by}.`, style: STRONG },
    ...plain(payment.note === undefined ? [] : [payment.note]),
    ...plain([...account, `Reference: ${number}`].filter((text) => text !== '')),
  ];
}

function memoWords({ corrects, total, currency, note, payment, settlement }: BillingDocument): Words {
  const invoice = corrects ? `invoice ${corrects.number}` : 'your invoice';
  const amount = formatMoney(total.abs(), currency);
  const effect = total.isZero()
    ? `This credit memo corrects ${invoice} without changing its total.`
    : total.isNegative()
      ? `This credit memo reverses the credit of ${amount} on ${invoice}.`
      : `This credit memo reduces ${invoice} by ${amount}.`;
  const to = payment.kind === 'credit_card' ? ` to your ${cardName(payment)}` : '';
  const parts: [Decimal, string][] = settlement
    ? [
        [settlement.offset, `is deducted from the amount due on ${invoice}.`],
        [settlement.refund, `is refunded${to}.`],
        [settlement.returned, 'is returned to your credits.'],
      ]
    : [];
  return plain([
    ...(note === undefined ? [] : [`Reason: ${note}`]),
    effect,
    ...parts.filter(([part]) => part.gt(0)).map(([part, what]) => `${formatMoney(part, currency)} ${what}`),
    'No action is needed.',
  ]);
}

/** A card's brand and last digits, as far as they are known, and nothing else. */
function cardName({ brand, last4 }: { readonly brand: string; readonly last4: string }): string {
  return last4 === '' ? brand || 'card' : `${brand || 'card'} ending in ${last4}`;
}

function drawQr(kit: Kit, payload: string, x: number, y: number): void {
  const matrix = qrMatrix(payload);
  const unit = QR_SIZE / (matrix.length + 2 * QUIET);
  const figure = kit.pdf.struct('Figure', { alt: 'QR code for a SEPA transfer of the amount due' }, () => {
    for (const [row, modules] of matrix.entries()) {
      for (const [column, isDark] of modules.entries()) {
        if (isDark) kit.pdf.rect(x + (column + QUIET) * unit, y + (row + QUIET) * unit, unit, unit);
      }
    }
    kit.pdf.fill('#000000');
  });
  kit.root.add(figure);
  figure.end();
  const middle = y + (QR_SIZE - lineHeight(SMALL)) / 2;
  say(kit, 'P', [{ text: 'Scan to pay (SEPA)', style: SMALL }], x + QR_SIZE + GAP, middle, QR_SIZE);
}

function plain(texts: readonly string[]): Words {
  return texts.map((text) => ({ text, style: BODY }));
}
