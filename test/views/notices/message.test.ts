import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '../../../src/billing/event/event.ts';
import { EVENTS, type EventType, ruleOf } from '../../../src/billing/event/event-types.ts';
import { checkBlocks } from '../../../src/slack/limits/check-view.ts';
import type { Message } from '../../../src/slack/web-api/messenger.ts';
import { burstMessage, digestMessage, entryMessage } from '../../../views/notices/message.ts';

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
  it('offers the buttons that the list names, within Slack’s limits', () => {
    const message = entryMessage(entry(type, { invoiceId: 'inv', billingGroupId: 'bg' }));
    expect(checkBlocks('message', message.blocks)).toEqual([]);
    expect(buttonsOf(message)).toEqual(ruleOf(type).buttons.flatMap((name) => LABELS[name]));
  });

  it('offers nothing about an invoice or a group that the entry does not name', () => {
    expect(buttonsOf(entryMessage(entry(type)))).toEqual([]);
  });

  it('escapes what people wrote, alone, folded and in a digest', () => {
    const many = [entry(type), entry(type, { logEntryId: 2 })];
    for (const message of [entryMessage(entry(type)), burstMessage(many), digestMessage(many)]) {
      expect(JSON.stringify(message)).not.toContain('<happened>');
      expect(checkBlocks('message', message.blocks)).toEqual([]);
    }
  });
});

describe('a message about members', () => {
  it('shows people as mentions, not as IDs', () => {
    const added = entry('member_added', { description: 'Added U012AB as viewer' });
    expect(entryMessage(added).text).toBe('Added <@U012AB> as viewer');
    expect(JSON.stringify(burstMessage([added, added]))).not.toMatch(/[^@]U012AB/);
    expect(JSON.stringify(digestMessage([added, added]))).not.toMatch(/[^@]U012AB/);
  });

  it('leaves alone what looks like an ID in what people wrote', () => {
    const renamed = entry('billing_group_renamed', { description: 'Renamed SALES to U2SONGS' });
    expect(entryMessage(renamed).text).toBe('Renamed SALES to U2SONGS');
  });
});
