import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGroup } from '../../src/services/groups/groups.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { sendEvent } from '../support/slack/signed.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
let product: Product;
let accountId = '';
let events = 0;

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0VIEWER'] });
  await createGroup(ctx, { accountId, name: 'Blue' });
});
afterAll(() => product.stop());

interface Sent {
  readonly user?: string;
  readonly eventId?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Sends a direct message event, and returns the app's answers there. */
async function answersTo(text: string, { user = 'U0OWNER', eventId, more = {} }: Sent = {}): Promise<string[]> {
  const person = product.workspace.as(user);
  const channel = person.directMessage();
  const before = person.messages(channel).length;
  events += 1;
  const event = { type: 'message', channel_type: 'im', channel, user, text, ts: `${events}.1`, ...more };
  const target = { url: product.url, secret: product.signingSecret };
  await sendEvent(target, event, { team: TEAM_ID, eventId: eventId ?? `EvDM${events}` });
  await product.quiet();
  return person
    .messages(channel)
    .slice(before)
    .map((message) => `${message.text} ${JSON.stringify(message.blocks ?? [])}`);
}

describe('a direct message to the app', () => {
  it.each(['hello', 'what does this cost?', '  ', 'can you show me the costs', 'help'])(
    'is answered with help if it isn’t a command: %j',
    async (text) => {
      const answers = await answersTo(text);
      expect(answers).toHaveLength(text.trim() === '' ? 0 : 1);
      if (text.trim() !== '') expect(answers[0]).toContain('/billing costs');
    },
  );

  it.each(['costs', 'Costs', '/billing costs', '`/billing costs`', ' billing costs ', '/billing cos'])(
    'runs its command: %j',
    async (text) => {
      const answers = await answersTo(text);
      expect(answers).toHaveLength(1);
      expect(answers[0]).toContain('Costs');
      expect(answers[0]).not.toContain('Commands:');
    },
  );

  it('is answered in the same conversation, so that only its writer sees the answer', async () => {
    const before = product.workspace.as('U0ADMIN').messages(FINANCE).length;
    await answersTo('groups');
    expect(product.workspace.as('U0ADMIN').messages(FINANCE)).toHaveLength(before);
    expect(await answersTo('costs', { user: 'U0VIEWER' })).toHaveLength(1);
  });

  it('needs the same role as the command', async () => {
    const [answer] = await answersTo('create Red', { user: 'U0VIEWER' });
    expect(answer).toContain('role');
    expect(await Groups.countDocuments({ accountId, name: 'Red' })).toBe(0);
    const [shut = ''] = await answersTo('costs', { user: 'U0STRANGER' });
    expect(shut).not.toContain('EUR');
  });

  it('makes one change, however often Slack sends its event', async () => {
    const [first, ...others] = [
      ...(await answersTo('create Green', { eventId: 'EvGREEN' })),
      ...(await answersTo('create Green', { eventId: 'EvGREEN' })),
    ];
    expect(first).toContain('Green');
    expect(others).toEqual([]);
    expect(await Groups.countDocuments({ accountId, name: 'Green' })).toBe(1);
  });

  it('explains how to open a form, which a message can’t', async () => {
    const [answer] = await answersTo('notify');
    expect(answer).toContain('/billing');
    expect(answer).toContain('slash command');
  });

  it('in a thread is answered in that thread', async () => {
    const person = product.workspace.as('U0OWNER');
    await answersTo('costs', { more: { thread_ts: '1700000000.000100' } });
    const last = person.messages(person.directMessage()).at(-1);
    expect(last?.thread_ts).toBe('1700000000.000100');
  });

  it.each([
    ['from another app', { bot_id: 'B0OTHER' }],
    ['from the app itself', { bot_id: 'B0SELF', user: 'U0BOT' }],
    ['an edit', { subtype: 'message_changed', user: undefined, message: { text: 'costs' } }],
    ['a deletion', { subtype: 'message_deleted', user: undefined }],
    ['a file', { subtype: 'file_share' }],
    ['from Slackbot', { user: 'USLACKBOT' }],
    ['in a channel', { channel_type: 'channel' }],
    ['without text', { text: undefined }],
  ])('gets no answer if it is %s', async (_name, more) => {
    expect(await answersTo('costs', { more })).toEqual([]);
  });

  it('is never read as a card number', async () => {
    const [answer] = await answersTo('create 4111 1111 1111 1111');
    expect(answer).toContain('card number');
  });
});
