import { isNews } from '../../../src/billing/event/notice.ts';
import type { Message } from '../../../src/local/workspace/index.ts';
import { entriesAfter } from '../../../src/services/events/event-log.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { Charges } from '../../../src/store/settlement/payments.ts';
import { ARCHIVED, DELETED_FILE } from './accounts.ts';
import type { Check } from './found.ts';

const ENTRIES = 1_000_000;

/** Checks of Slack notifications, and of the broken account. */
export const TOLD: Readonly<Record<string, Check>> = {
  'each channel is told each event once and in order': async (account, { messages }) => {
    const faults: string[] = [];
    let count = 0;
    for (const subscription of await Subscriptions.find({ accountId: account.id }).lean()) {
      if (subscription.channelId === ARCHIVED) continue;
      if (subscription.state !== 'active') faults.push(`${subscription.channelId} is ${subscription.state}`);
      const due = (await entriesAfter(account.id, 0, ENTRIES)).filter((entry) => isNews(entry, subscription));
      const told = messages.flatMap((message) => {
        const [, from = '', to = ''] = new RegExp(`^${subscription._id}:(\\d+)-(\\d+)$`).exec(keyOf(message)) ?? [];
        return from === '' ? [] : due.filter((one) => one.logEntryId >= Number(from) && one.logEntryId <= Number(to));
      });
      count += told.length;
      const at = due.findIndex((one, place) => one !== told[place]);
      if (at >= 0 || told.length !== due.length)
        faults.push(
          `${subscription.channelId}: ${told.length} of ${due.length}, ${told[at]?.logEntryId} where ${due[at]?.logEntryId} was due`,
        );
    }
    return { count, faults };
  },
  'how an import went is told once': async ({ id: accountId, isPoisoned }, { messages }) => {
    const imports = await Imports.find({ accountId, 'slack.fileId': { $type: 'string' } }).lean();
    const keys = messages.map(keyOf);
    const ended = imports.filter(({ state }) => state === 'finished' || state === 'refused');
    const times = ended.map(({ _id, fileName }) => ({ fileName, told: keys.filter((key) => key === _id).length }));
    const wrong = times.filter(({ told }) => told !== 1);
    const faults = wrong.map(({ fileName, told }) => `${fileName} was told of ${told} times`);
    const count = imports.filter(({ state }) => state === 'finished').length;
    // a deleted file affects only its own account
    if (!isPoisoned && imports.length !== count) faults.push(`${imports.length - count} imports are not finished`);
    return { count, faults };
  },
  'no message goes to a wrong account': async ({ id, name, channel }, { messages, accounts }) => {
    const own = new Set((await Subscriptions.find({ accountId: id }).lean()).map(({ _id }) => _id));
    const others = accounts.filter((one) => one.id !== id).map((one) => one.name);
    const here = messages.filter((message) => message.channel === channel);
    const wrong = here.filter((message) => {
      const [of = ''] = keyOf(message).split(':');
      const isOthers = others.some((other) => JSON.stringify(message).includes(`${other} `));
      return (of.startsWith('sub_') && !own.has(of)) || isOthers;
    });
    return { count: here.length, faults: wrong.map(({ text }) => `${name}: ${text}`) };
  },
  'the archived channel is suspended, and its owner is told why': async ({ id, isPoisoned, person }, { messages }) => {
    if (!isPoisoned) return { count: 1, faults: [] };
    const [one] = await Subscriptions.find({ accountId: id, channelId: ARCHIVED }).lean();
    const isTold = messages.some(({ text, channel }) => channel.startsWith('D') && text.includes(ARCHIVED));
    const isSound = one?.state === 'broken' && one.brokenBy === 'is_archived' && one.brokenTold && isTold;
    const fault = `${one?.state} by ${one?.brokenBy}, told: ${one?.brokenTold} and ${isTold} to ${person('OWNER')}`;
    return { count: 1, faults: isSound ? [] : [fault] };
  },
  'the deleted file is refused, and the dead card is never charged': async (
    { id: accountId, isPoisoned },
    { stripe },
  ) => {
    if (!isPoisoned) return { count: 1, faults: [] };
    const faults: string[] = [];
    const gone = await Imports.find({ accountId, 'slack.fileId': DELETED_FILE }).lean();
    faults.push(...gone.filter(({ state }) => state !== 'refused').map(({ _id, state }) => `${_id} is ${state}`));
    const dead = [...stripe.intents.values()].filter(({ payment_method }) => payment_method === 'pm_vanished');
    if (dead.some(({ status }) => status === 'succeeded')) faults.push('the dead card was charged');
    const failed = await Charges.countDocuments({ accountId, state: 'failed' });
    const open = await Invoices.countDocuments({ accountId, state: 'failed_credit_card_charge' });
    if (failed === 0 || open === 0) faults.push(`${failed} charges failed, and ${open} invoices say so`);
    return { count: gone.length + failed, faults };
  },
};

/** The key under which the product sent a message, by which it can be found again. */
function keyOf({ metadata }: Message): string {
  const said = metadata as { event_payload?: { key?: unknown } } | undefined;
  const key = said?.event_payload?.key;
  return typeof key === 'string' ? key : '';
}
