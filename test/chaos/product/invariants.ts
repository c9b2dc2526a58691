import { isNews } from '../../../src/billing/event/notice.ts';
import { type Decimal, sum, ZERO } from '../../../src/billing/money/money.ts';
import { faultIn } from '../../../src/billing/move/membership.ts';
import type { Message } from '../../../src/local/workspace/index.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { entriesAfter, verifyLog } from '../../../src/services/events/event-log.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { countingRecords } from '../../../src/store/costs/loads.ts';
import { Consumptions, Credits } from '../../../src/store/credits/credits.ts';
import { Groups, Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { Charges } from '../../../src/store/settlement/payments.ts';
import { contextAt } from '../../support/context.ts';
import type { StripeStandIn } from '../../support/stripe.ts';
import type { ChaosAccount } from './accounts.ts';
import type { Load } from './load.ts';

const ENTRIES = 100_000;

/** What the run left outside the database. */
export interface Traces {
  readonly messages: readonly Message[];
  readonly stripe: StripeStandIn;
  readonly files: Load['files'];
  readonly accounts: readonly ChaosAccount[];
}

/** Each guarantee by its words, with a check that says what is wrong. */
type Check = (account: ChaosAccount, traces: Traces) => Promise<string[]>;

export const INVARIANTS: Readonly<Record<string, Check>> = {
  'one invoice per group and period': async ({ id: accountId, isPoisoned }) => {
    const faults: string[] = [];
    const invoices = await Invoices.find({ accountId }).lean();
    const periods = [...new Set(invoices.map(({ period }) => period))].sort();
    for (const { _id, name } of await Groups.find({ accountId }).lean()) {
      const own = invoices.filter(({ billingGroupId }) => billingGroupId === _id);
      if (new Set(own.map(({ period }) => period)).size !== own.length) faults.push(`${name} has two for a period`);
      if (isPoisoned) continue;
      // the last is the open month, which may have none yet
      const missing = periods.slice(0, -1).filter((period) => !own.some((one) => one.period === period));
      if (missing.length > 0) faults.push(`${name} has none for ${missing.join(', ')}`);
    }
    return faults;
  },
  'numbers are unique and gapless': async ({ id: accountId }) => {
    const issued = await Invoices.find({ accountId, state: { $ne: 'estimate' } }).lean();
    const seqs = issued.map(({ seq }) => seq ?? 0).sort((a, b) => a - b);
    const isGapless = seqs.every((seq, at) => seq === at + 1);
    return isGapless && new Set(issued.map(({ number }) => number)).size === issued.length ? [] : [`numbers ${seqs}`];
  },
  'the log’s chain is whole': async ({ id }) => {
    const { brokenAt } = await verifyLog(contextAt(systemClock), id);
    return brokenAt === undefined ? [] : [`broken at ${brokenAt}`];
  },
  'one open membership per project, without gaps': async ({ id: accountId }) => {
    const faults: string[] = [];
    for (const { _id, name } of await Projects.find({ accountId }).lean()) {
      const all = await Memberships.find({ projectId: _id }).lean();
      const fault = faultIn(all);
      if (fault || all.filter(({ open }) => open).length !== 1) faults.push(`${name}: ${fault ?? 'not one is open'}`);
    }
    return faults;
  },
  'every cost on exactly one invoice, sums exact': costsOnInvoices,
  'lines add up to the net': async ({ id: accountId }) => {
    const faults: string[] = [];
    for (const { _id, net, billingGroupId, period } of await Invoices.find({ accountId }).lean()) {
      const total = sum((await Lines.find({ invoiceId: _id }).lean()).map((line) => fromDecimal128(line.total)));
      if (!total.equals(fromDecimal128(net))) faults.push(`${billingGroupId} ${period}: ${total} and not ${net}`);
    }
    return faults;
  },
  'each imported row is there once': async ({ id: accountId }, { files }) => {
    const finished = await Imports.find({ accountId, state: 'finished' }).lean();
    const counting = await Costs.find({ accountId, ...(await countingRecords(accountId)) }, { description: 1 }).lean();
    const times = new Map<string, number>();
    for (const { description } of counting) times.set(description, (times.get(description) ?? 0) + 1);
    const rows = finished.flatMap(({ fileName }) => files.get(fileName)?.rows ?? []);
    return rows.filter((row) => times.get(row) !== 1).map((row) => `${row}: ${times.get(row) ?? 0} times`);
  },
  'credits are consumed once and never negative': async ({ id: accountId }) => {
    const faults: string[] = [];
    for (const { _id, code, value, remaining } of await Credits.find({ accountId }).lean()) {
      const taken = sum((await Consumptions.find({ creditId: _id }).lean()).map((one) => fromDecimal128(one.amount)));
      const isSound = taken.plus(fromDecimal128(remaining)).equals(fromDecimal128(value));
      if (!isSound || fromDecimal128(remaining).isNegative())
        faults.push(`${code}: ${taken} of ${value}, ${remaining} left`);
    }
    return faults;
  },
  'each channel is told each event once and in order': async (account, { messages }) => {
    const faults: string[] = [];
    for (const subscription of await Subscriptions.find({ accountId: account.id }).lean()) {
      if (subscription.channelId === 'C0ARCHIVED') continue;
      if (subscription.state !== 'active') faults.push(`${subscription.channelId} is ${subscription.state}`);
      const due = (await entriesAfter(account.id, 0, ENTRIES)).filter((entry) => isNews(entry, subscription));
      const told = messages.flatMap((message) => {
        const [, from = '', to = ''] = new RegExp(`^${subscription._id}:(\\d+)-(\\d+)$`).exec(keyOf(message)) ?? [];
        return from === '' ? [] : due.filter((one) => one.logEntryId >= Number(from) && one.logEntryId <= Number(to));
      });
      const [wanted, got] = [due, told].map((all) => all.map(({ logEntryId }) => logEntryId));
      const at = wanted?.findIndex((one, place) => one !== got?.[place]) ?? -1;
      if (at >= 0 || told.length !== due.length)
        faults.push(
          `${subscription.channelId}: ${told.length} of ${due.length}, ${got?.[at]} where ${wanted?.[at]} was due`,
        );
    }
    return faults;
  },
  'a card is charged once': async ({ id: accountId }, { stripe }) => {
    const faults: string[] = [];
    const charged = [...stripe.intents.values()].filter(({ status }) => status === 'succeeded');
    for (const { _id, state, invoiceId, providerId } of await Charges.find({ accountId }).lean()) {
      const times = stripe.charged.filter((id) => id === providerId).length;
      if (state === 'succeeded' && times !== 1) faults.push(`${_id} was charged ${times} times`);
      const all = charged.filter(({ metadata }) => Object.values(metadata).includes(invoiceId));
      if (all.length > 1) faults.push(`${invoiceId} was charged ${all.length} times`);
    }
    return faults;
  },
  'no message goes to a wrong account': async ({ id, name, channel }, { messages, accounts }) => {
    const own = new Set((await Subscriptions.find({ accountId: id }).lean()).map(({ _id }) => _id));
    const others = accounts.filter((one) => one.id !== id).map((one) => one.name);
    return messages
      .filter((message) => message.channel === channel)
      .filter((message) => {
        const [of = ''] = keyOf(message).split(':');
        return (
          (of.startsWith('sub_') && !own.has(of)) ||
          others.some((other) => JSON.stringify(message).includes(`${other} `))
        );
      })
      .map(({ text }) => `${name}: ${text}`);
  },
  'the poisoned channel is suspended, and its owner is told why': async ({ id, isPoisoned, person }, { messages }) => {
    if (!isPoisoned) return [];
    const all = await Subscriptions.find({ accountId: id, channelId: 'C0ARCHIVED' }).lean();
    const isTold = messages.some(({ text, channel }) => channel.startsWith('D') && text.includes('C0ARCHIVED'));
    const [one] = all;
    if (one?.state === 'broken' && one.brokenBy === 'is_archived' && one.brokenTold && isTold) return [];
    return [`${one?.state} by ${one?.brokenBy}, told: ${one?.brokenTold} and ${isTold} to ${person('OWNER')}`];
  },
};

/** By memberships as they are now: what each invoice is to hold, reckoned from the costs one by one. */
async function costsOnInvoices({ id: accountId, isPoisoned }: ChaosAccount): Promise<string[]> {
  const faults: string[] = [];
  const memberships = await Memberships.find({ accountId }).lean();
  const expected = new Map<string, { records: number; total: Decimal }>();
  for (const cost of await Costs.find({ accountId, ...(await countingRecords(accountId)) }).lean()) {
    const own = memberships.find(
      ({ projectId, from, to }) =>
        projectId === cost.projectId && (!from || from <= cost.begin) && (!to || cost.begin < to),
    );
    const key = `${cost.late ? cost.billingGroupId : own?.billingGroupId} ${cost.period}`;
    const { records, total } = expected.get(key) ?? { records: 0, total: ZERO };
    expected.set(key, { records: records + 1, total: total.plus(fromDecimal128(cost.amount)) });
  }
  for (const { _id, billingGroupId, period } of await Invoices.find({ accountId }).lean()) {
    const lines = await Lines.find({ invoiceId: _id, lineType: 'service_charge' }).lean();
    const records = lines.reduce((count, line) => count + line.records, 0);
    const total = sum(lines.map(({ exact }) => fromDecimal128(exact)));
    const wanted = expected.get(`${billingGroupId} ${period}`) ?? { records: 0, total: ZERO };
    expected.delete(`${billingGroupId} ${period}`);
    const isHuge = isPoisoned && wanted.total.precision() > 30;
    if (!isHuge && (records !== wanted.records || !total.equals(wanted.total)))
      faults.push(
        `${billingGroupId} ${period}: ${records} costs, ${total}, and not ${wanted.records}, ${wanted.total}`,
      );
  }
  return [...faults, ...[...expected.keys()].map((key) => `${key} has costs and no invoice`)];
}

function keyOf({ metadata }: Message): string {
  const said = metadata as { event_payload?: { key?: unknown } } | undefined;
  const key = said?.event_payload?.key;
  return typeof key === 'string' ? key : '';
}
