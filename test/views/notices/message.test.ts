import { describe, expect, it } from '@jest/globals';
import { readEntryNumbers } from '../../../src/billing/event/entry-numbers.ts';
import type { LogEntry } from '../../../src/billing/event/event.ts';
import { EVENTS, type EventType, ruleOf } from '../../../src/billing/event/event-types.ts';
import { checkBlocks } from '../../../src/slack/limits/check-view.ts';
import type { Message } from '../../../src/slack/web-api/messenger.ts';
import {
  burstMessage,
  digestMessage,
  entryMessage,
  withAccount,
  withMentions,
} from '../../../views/notices/message.ts';

const FACTS = { accountName: undefined, timeZone: 'UTC', groupNames: new Map<string, string>() };
const TYPES = Object.keys(EVENTS) as EventType[];
const LABELS = {
  settle_failed_charge: ['Record payment', 'Charge again', 'Request transfer'],
  settle_late_invoice: ['Record payment'],
  view_invoice: ['View invoice'],
  open_group: ['Open group'],
};

function entry(type: EventType, more: Partial<LogEntry> = {}): LogEntry {
  return {
    ...{ accountId: 'acc', type, description: 'Something <happened>', actor: 'U1', createTime: new Date(0) },
    ...{ logEntryId: 1, previousHash: '', hash: '', ...more },
  };
}

function buttonsOf({ blocks }: Message): string[] {
  return blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.map((one) => (one.type === 'button' ? one.text.text : one.type)) : [],
  );
}

describe.each(TYPES)('the message about %s', (type) => {
  it('has the listed buttons, within Slack’s limits', () => {
    const message = entryMessage(entry(type, { invoiceId: 'inv', billingGroupId: 'bg' }), FACTS);
    expect(checkBlocks('message', message.blocks)).toEqual([]);
    expect(buttonsOf(message)).toEqual(ruleOf(type).buttons.flatMap((name) => LABELS[name]));
  });

  it('has no button for an invoice or a group that the entry doesn’t name', () => {
    expect(buttonsOf(entryMessage(entry(type), FACTS))).toEqual([]);
  });

  it('escapes what people wrote, alone, combined and in a digest', () => {
    const many = [entry(type), entry(type, { logEntryId: 2 })];
    for (const message of [entryMessage(entry(type), FACTS), burstMessage(many, FACTS), digestMessage(many, FACTS)]) {
      expect(JSON.stringify(message)).not.toContain('<happened>');
      expect(checkBlocks('message', message.blocks)).toEqual([]);
    }
  });
});

describe('a message that combines events', () => {
  const facts = {
    ...FACTS,
    groupNames: new Map([
      ['bg_1', 'Blue & Green'],
      ['bg_2', 'Red'],
    ]),
  };
  const entries = [
    entry('invoice_paid', { logEntryId: 7, invoiceId: 'inv_1', billingGroupId: 'bg_1', description: 'Paid A-1' }),
    entry('invoice_paid', { logEntryId: 9, invoiceId: 'inv_2', billingGroupId: 'bg_2', description: 'Paid A-2' }),
    entry('billing_group_renamed', { logEntryId: 12, billingGroupId: 'bg_2', description: 'Renamed "Rot" to "Red"' }),
  ];
  const lines = ({ blocks }: Message) =>
    blocks.flatMap((block) => (block.type === 'section' && block.text?.text.startsWith('• ') ? [block] : []));

  it.each([
    ['burst', burstMessage(entries, facts)],
    ['digest', digestMessage([...entries].reverse(), facts)],
  ])('has each button beside the event that it opens: %s', (_form, message) => {
    const opened = lines(message).map(({ accessory }) => (accessory?.type === 'button' ? accessory.value : undefined));
    expect(opened.map((value) => JSON.parse(value ?? '{}'))).toEqual([
      { account: 'acc', invoice: 'inv_1' },
      { account: 'acc', invoice: 'inv_2' },
      { account: 'acc', group: 'bg_2' },
    ]);
    expect(buttonsOf(message)).toEqual(['Show all']);
  });

  it('names the group of each event, once', () => {
    expect(lines(burstMessage(entries, facts)).map(({ text }) => text?.text)).toEqual([
      '• Paid A-1 · *Blue &amp; Green*',
      '• Paid A-2 · *Red*',
      '• <@U1> renamed "Rot" to "Red"',
    ]);
  });

  it('opens exactly its events, in several parts if there are very many', () => {
    const numbersOf = ({ blocks }: Message) =>
      blocks
        .flatMap((block) => (block.type === 'actions' ? block.elements : []))
        .map((one) => readEntryNumbers(JSON.parse((one.type === 'button' && one.value) || '{}').entries));
    expect(numbersOf(burstMessage(entries, facts))).toEqual([[7, 9, 12]]);
    const far = Array.from({ length: 500 }, (_, at) => entry('invoice_paid', { logEntryId: 1 + at * 100_000 }));
    const message = digestMessage(far, facts);
    expect(checkBlocks('message', message.blocks)).toEqual([]);
    expect(buttonsOf(message)).toEqual(['Show 1–150', 'Show 151–300', 'Show 301–450', 'Show 451–500']);
    expect(numbersOf(message).flat()).toEqual(far.map(({ logEntryId }) => logEntryId));
  });
});

describe('a message about members', () => {
  it('shows people as mentions, not as IDs', () => {
    const added = entry('member_added', { description: 'Added U012AB as viewer' });
    expect(entryMessage(added, FACTS).text).toBe('<@U1> added <@U012AB> as viewer');
    expect(JSON.stringify(burstMessage([added, added], FACTS))).not.toMatch(/[^@]U012AB/);
    expect(JSON.stringify(digestMessage([added, added], FACTS))).not.toMatch(/[^@]U012AB/);
  });

  it('leaves IDs in people’s own text unchanged', () => {
    const renamed = entry('billing_group_renamed', { description: 'Renamed SALES to U2SONGS' });
    expect(entryMessage(renamed, FACTS).text).toBe('<@U1> renamed SALES to U2SONGS');
  });
});

describe('the account name', () => {
  const facts = { ...FACTS, accountName: 'Acme <Labs>' };

  it('is in each message if the workspace has several accounts', () => {
    const one = entry('project_created', { description: 'Created project "web"' });
    const messages = [entryMessage(one, facts), burstMessage([one, one], facts), digestMessage([one, one], facts)];
    for (const message of [...messages, withAccount({ text: 'x', blocks: [] }, facts)]) {
      expect(JSON.stringify(message.blocks)).toContain('Acme &lt;Labs&gt;');
    }
  });

  it('is left out if there is only one', () => {
    expect(withAccount({ text: 'x', blocks: [] }, FACTS)).toEqual({ text: 'x', blocks: [] });
  });
});

describe('mentions', () => {
  it('are at the end, so that the message starts with what happened', () => {
    const message = withMentions(entryMessage(entry('project_created', { description: 'Created x' }), FACTS), [
      'U2',
      'S3',
    ]);
    expect(message.text).toBe('<@U1> created x cc <@U2> <!subteam^S3>');
    expect(message.blocks.at(-1)).toMatchObject({ text: { text: 'cc <@U2> <!subteam^S3>' } });
  });
});
