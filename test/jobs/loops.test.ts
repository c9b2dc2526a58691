import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const ROOT = new URL('../../', import.meta.url);
/** The services whose ticks process accounts and their items. Other services have no ticks. */
const TICK =
  /export (?:async )?function (?:\w*Due|\w*DryRuns|checkBudgets|checkVatIds|announceCards|expireCredits|numberEvents|refreshEstimates|refreshHomes|sendMails|storeNewCards|tendMoves|newsOfAccounts|finishMemos|checkPeople)\b/;
/** Loops that wait during the work on one item, in its transaction or up to its first failure. */
const WITHIN_AN_ITEM: readonly string[] = [
  // periods of one group, the oldest first: a later one must not close before
  'src/services/invoicing/close.ts: for (let period = group.nextPeriod; period <= last; period = nextPeriod(period))',
  // parts of one item, a limited number at a time
  'src/services/invoicing/estimates.ts: for (let at = 0; at < fresh.length; at += LINES_AT_ONCE)',
  // the months of one budget, in its transaction
  'src/services/budgets/budget-checks.ts: for (const { period, percent, spent: amount } of passed)',
  // the open months of one group, in the transaction of its change
  'src/services/groups/billing-information.ts: for (const period of await periodsWithEstimates(account._id, [group._id]))',
  // the invoices that one charge pays together, in its transaction
  'src/services/settlement/charges.ts: for (const one of invoices)',
  'src/services/settlement/charges.ts: for (const one of await carriedOver(invoice))',
  'src/services/settlement/charges.ts: for (const part of partsOf(charge))',
  'src/services/settlement/charges.ts: for (const { invoiceId } of partsOf(charge))',
  // the credits given to the helper: those that no future invoice can use
  'src/services/credits/credits.ts: for await (const credit of credits)',
];

const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const filesIn = (folder: string) =>
  readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}${name}`);

/** The text from an opening bracket to its closing one. */
function enclosed(text: string, from: number, [open, close]: readonly [string, string]): string {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth += 1;
    if (text[at] === close) depth -= 1;
    if (depth === 0) return text.slice(from, at + 1);
  }
  return text.slice(from);
}

/** A file's loops that wait, by their head. */
function waitingLoops(path: string): string[] {
  const text = read(path);
  const loops: string[] = [];
  for (const { index, 0: word } of text.matchAll(/\bfor(?: await)? \(/g)) {
    const head = enclosed(text, index + word.length - 1, ['(', ')']);
    // without items: waits for a condition
    if (head === '(;;)') continue;
    const rest = text.slice(index + word.length - 1 + head.length).trimStart();
    const body = rest.startsWith('{') ? enclosed(rest, 0, ['{', '}']) : rest.slice(0, rest.indexOf(';'));
    const waits = word.includes('await') || /\bawait\b/.test(head) || /\bawait\b/.test(body);
    if (waits) loops.push(`${path}: ${word.slice(0, -1)}${head}`);
  }
  const others = text.match(/\.(?:forEach|map|flatMap)\(\s*async\b/g) ?? [];
  return [...loops, ...others.map((one) => `${path}: ${one}`)];
}

describe('loops over items', () => {
  it('are detected by this test', () => {
    expect(waitingLoops('src/services/costs/read-ahead.ts').join('\n')).toContain('for await (const item of items)');
  });

  it('in jobs all use the helper that isolates each item', () => {
    expect(filesIn('jobs/').flatMap(waitingLoops)).toEqual([]);
  });

  it('in the services’ ticks do so too, unless they belong to one item', () => {
    const ticks = filesIn('src/services/').filter((path) => TICK.test(read(path)));
    expect(ticks.length).toBeGreaterThan(12);
    expect(ticks.flatMap(waitingLoops).filter((loop) => !WITHIN_AN_ITEM.includes(loop))).toEqual([]);
  });
});
