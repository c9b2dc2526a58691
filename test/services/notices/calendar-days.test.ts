import { describe, expect, it } from '@jest/globals';
import type { Effect } from '../../../src/billing/move/move.ts';
import { createToken } from '../../../src/services/access/tokens.ts';
import { getInvoice } from '../../../src/services/invoicing/invoice-reading.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { getMove, openMovesFor } from '../../../src/services/moves/move-read.ts';
import { mailText } from '../../../src/services/notices/mail-text.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { moveLine, moveReminderMessage, moveRequestMessage } from '../../../views/moves/move-request.ts';
import { askedInWords, effectName } from '../../../views/moves/move-words.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, issuedFor } from '../../support/invoices/invoices.ts';
import { clock, ctx, owner, requested, world } from '../../support/moves/moves.ts';

useDatabase(migrate);

/** Thirteen hours ahead of UTC: its days begin on the day before. */
const ZONE = 'Pacific/Auckland';
const SLACK_DATE = /<!date/;

describe('the day on which a move takes effect', () => {
  it.each([
    ['period_start', '1 March 2026'],
    ['next_period', '1 April 2026'],
    ['now', '21 March 2026, 01:00 (Pacific/Auckland)'],
  ] as [Effect, string][])('is spelled out by the account’s calendar: %s', async (effect, day) => {
    const of = await world('receiving', ZONE);
    const move = await getMove(ctx, of.account._id, await requested(of, effect));
    const request = moveRequestMessage(move);
    const facts = JSON.stringify(request.blocks[1]);
    expect(facts).toContain(`*Effective from*\\n${day}`);
    expect(facts).not.toMatch(SLACK_DATE);
    const [line] = (await openMovesFor(owner, of.account._id)).map((one) => JSON.stringify(moveLine(one)));
    expect(line).toContain(`effective ${day}`);
    expect(line).not.toMatch(SLACK_DATE);
  });

  it('is spelled out for those who choose it, and for those who moved without an approval', async () => {
    const of = await world('nobody', ZONE);
    const at = new Date('2026-03-31T11:00:00Z');
    expect(effectName('next_period', at, ZONE)).toBe('Start of next month (1 April 2026)');
    const move = { accountId: of.account._id, projectIds: [of.projectId], toGroupId: of.b, reason: '' };
    const moved = await askMove(owner, { ...move, effect: 'next_period' });
    expect(askedInWords(moved)).toBe('*p1* will be in *B*, effective 1 April 2026.');
  });
});

it('a reminder of a move says when the request expires, by the account’s clocks', async () => {
  const of = await world('receiving', ZONE);
  const { text } = moveReminderMessage(await getMove(ctx, of.account._id, await requested(of)));
  expect(text).toMatch(
    /^The move of p1 to B is still waiting for approval\. It expires on \d{1,2} \w+ 2026, 01:00 \(Pacific\/Auckland\)\.$/,
  );
});

it('an invoice’s date and due day are those of its files, and mails spell the due day out', async () => {
  const late = new TestClock('2026-11-02T12:00:00Z');
  const { account, invoice } = await issuedFor(contextAt(late), [costRow('100')], { timeZone: ZONE });
  const { issuedDay, dueDay } = await getInvoice(ctx, account._id, { id: invoice._id });
  expect([issuedDay, dueDay]).toEqual(['2026-11-03', '2026-11-17']);
  const about = { accountId: account._id, invoiceId: invoice._id, memoId: null };
  const reminder = await mailText({ ...about, kind: 'reminder', days: 7 });
  expect(reminder?.text).toContain('EUR 119.00 is open, to be paid by 17 November 2026.');
  const first = await mailText({ ...about, kind: 'invoice', days: null });
  expect(first?.text).toContain('To be paid by 17 November 2026: EUR 119.00.');
});

it('a token expires on a day of the account’s calendar', async () => {
  clock.set('2026-03-20T12:00:00Z');
  const of = await world('nobody', ZONE);
  const { token } = await createToken(owner, of.account._id, { name: 'CI', scope: 'billing:read', days: 30 });
  expect(token.expiresOn).toBe('2026-04-20');
});
