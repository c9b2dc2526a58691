import { formatMoney } from '../../billing/money.ts';
import type { BillingDocument } from '../document.ts';
import { epcPayload } from '../epc.ts';
import { dayName, grouped } from '../words.ts';
import type { Block } from './flow.ts';
import { heightOf, say } from './head.ts';
import type { Kit } from './kit.ts';
import { BODY, LABEL, SMALL, STRONG, type Style } from './look.ts';
import { qrMatrix } from './qr.ts';
import { lineHeight } from './text.ts';

const QR_SIZE = 84;
const GAP = 6;
/** ISO/IEC 18004: four modules of white on each side. */
const QUIET = 4;

/** How to pay, or why there is nothing to do: the words, and below them the code that a banking app reads. */
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
  return kind === 'invoice' ? 'How to pay' : 'What comes of it';
}

type Words = { readonly text: string; readonly style: Style }[];

function wordsOf(document: BillingDocument): Words {
  const { kind, payment, amountDue, currency, dueDate, number, seller, corrects, note, isPreview } = document;
  if (kind === 'credit_memo') {
    const what = corrects ? ` of invoice ${corrects.number}` : '';
    return plain([
      ...(note === undefined ? [] : [`Reason: ${note}`]),
      `This credit memo takes back ${formatMoney(amountDue, currency)}${what}. You need not do anything.`,
    ]);
  }
  if (isPreview) {
    return plain([
      'This is a preview: the costs of the period may still change, and nothing can be paid by it.',
      ...(note === undefined ? [] : [note]),
    ]);
  }
  if (amountDue.lte(0)) return plain(['Nothing to pay.']);
  if (payment.kind === 'none') return plain(['No payment is expected for this invoice.']);
  if (payment.kind === 'credit_card') {
    const card = payment.last4 === '' ? 'the card on file' : `${payment.brand || 'card'} ending in ${payment.last4}`;
    return plain([`${formatMoney(amountDue, currency)} is charged to ${card}. You need not do anything.`]);
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
    ...plain([...account, `Reference: ${number}`].filter((text) => text !== '')),
  ];
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
