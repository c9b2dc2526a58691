import { type Decimal, sum, ZERO } from '../../../src/billing/money/money.ts';
import { faultIn } from '../../../src/billing/move/membership.ts';
import { latestDue } from '../../../src/billing/period/period.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { verifyLog } from '../../../src/services/events/event-log.ts';
import { Accounts, Members } from '../../../src/store/accounts/accounts.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { countingRecords } from '../../../src/store/costs/loads.ts';
import { Consumptions, Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups, Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { Moves, OpenMoves } from '../../../src/store/moves/moves.ts';
import { Charges, Payments } from '../../../src/store/settlement/payments.ts';
import { contextAt } from '../../support/context.ts';
import { type ChaosAccount, HUGE_GROUP } from './accounts.ts';
import type { Check, Found } from './found.ts';
import { TOLD } from './invariants-told.ts';

/** Each README guarantee that data can break, in its words, with its check. */
export const INVARIANTS: Readonly<Record<string, Check>> = {
  'one invoice per group and period': async ({ id: accountId }) => {
    const faults: string[] = [];
    const invoices = await Invoices.find({ accountId }).lean();
    const account = await Accounts.findById(accountId).orFail().lean();
    const due = latestDue(systemClock.now(), account.timeZone, account.closeDelayHours);
    const periods = [...new Set(invoices.map(({ period }) => period))].filter((period) => period <= due);
    for (const { _id, name } of await Groups.find({ accountId }).lean()) {
      const own = invoices.filter(({ billingGroupId }) => billingGroupId === _id);
      if (new Set(own.map(({ period }) => period)).size !== own.length) faults.push(`${name} has two for a period`);
      // a sum that can't be computed blocks only its own group
      if (name === HUGE_GROUP) continue;
      const missing = periods.filter((period) => !own.some((one) => one.period === period));
      if (missing.length > 0) faults.push(`${name} has none for ${missing.join(', ')}`);
      const late = own.filter(({ period, state }) => period <= due && state === 'estimate');
      faults.push(...late.map(({ period }) => `${name} has an estimate alone for ${period}`));
    }
    return { count: invoices.filter(({ issuedAt }) => issuedAt).length, faults };
  },
  'numbers are unique and gapless': async ({ id: accountId }) => {
    const issued = await Invoices.find({ accountId, state: { $ne: 'estimate' } }).lean();
    const seqs = issued.map(({ seq }) => seq ?? 0).sort((a, b) => a - b);
    const isSound =
      seqs.every((seq, at) => seq === at + 1) && new Set(issued.map(({ number }) => number)).size === issued.length;
    return { count: issued.length, faults: isSound ? [] : [`numbers ${seqs}`] };
  },
  'the log’s chain is whole': async ({ id: accountId }) => {
    const { brokenAt } = await verifyLog(contextAt(systemClock), accountId);
    const count = await Events.countDocuments({ accountId });
    return { count, faults: brokenAt === undefined ? [] : [`broken at ${brokenAt}`] };
  },
  'a project is in one group at every instant': async ({ id: accountId }) => {
    const faults: string[] = [];
    let count = 0;
    for (const { _id, name } of await Projects.find({ accountId }).lean()) {
      const all = await Memberships.find({ projectId: _id }).lean();
      count += all.length;
      const fault = faultIn(all);
      if (fault || all.filter(({ open }) => open).length !== 1) faults.push(`${name}: ${fault ?? 'not one is open'}`);
    }
    return { count, faults };
  },
  'one decision of each move, and one set of events': async ({ id: accountId }) => {
    const faults: string[] = [];
    const moves = await Moves.find({ accountId, state: 'approved' }).lean();
    for (const { _id, approvals } of moves) {
      const events = await Events.countDocuments({ accountId, type: 'move_approved', 'after.requestId': _id });
      if (events !== 1 || approvals.length !== 1)
        faults.push(`${_id}: ${events} events, ${approvals.length} approvals`);
      if (await OpenMoves.exists({ requestId: _id })) faults.push(`${_id} still holds a project`);
    }
    return { count: moves.length, faults };
  },
  'every cost on exactly one invoice, no cent lost': costsOnInvoices,
  'lines add up to the net, and net and tax to the total': async ({ id: accountId }) => {
    const faults: string[] = [];
    const invoices = await Invoices.find({ accountId }).lean();
    for (const { _id, net, tax, total, billingGroupId, period } of invoices) {
      const lines = sum((await Lines.find({ invoiceId: _id }).lean()).map((line) => fromDecimal128(line.total)));
      const isSound =
        lines.equals(fromDecimal128(net)) && lines.plus(fromDecimal128(tax)).equals(fromDecimal128(total));
      if (!isSound) faults.push(`${billingGroupId} ${period}: ${lines} and not ${net}, ${tax}, ${total}`);
    }
    return { count: invoices.length, faults };
  },
  'each imported row is there once, however often its file was imported': async ({ id: accountId }, { files }) => {
    const finished = await Imports.find({ accountId, state: 'finished' }).lean();
    const counting = await Costs.find({ accountId, ...(await countingRecords(accountId)) }, { description: 1 }).lean();
    const times = new Map<string, number>();
    for (const { description } of counting) times.set(description, (times.get(description) ?? 0) + 1);
    const rows = new Set(finished.flatMap(({ fileName }) => files.get(fileName)?.rows ?? []));
    const faults = [...rows].filter((row) => times.get(row) !== 1).map((row) => `${row}: ${times.get(row) ?? 0} times`);
    return { count: rows.size, faults };
  },
  'a code is claimed once': async ({ id: accountId }) => {
    const codes = (await Credits.find({ accountId }, { code: 1 }).lean()).map(({ code }) => code);
    const twice = codes.filter((code, at) => codes.indexOf(code) !== at);
    return { count: codes.length, faults: twice.map((code) => `${code} was claimed twice`) };
  },
  'credits are consumed once and never negative': async ({ id: accountId }) => {
    const faults: string[] = [];
    let count = 0;
    for (const { _id, code, value, remaining } of await Credits.find({ accountId }).lean()) {
      const uses = await Consumptions.find({ creditId: _id }).lean();
      count += uses.length;
      const taken = sum(uses.map((one) => fromDecimal128(one.amount)));
      const isSound = taken.plus(fromDecimal128(remaining)).equals(fromDecimal128(value));
      if (!isSound || fromDecimal128(remaining).isNegative())
        faults.push(`${code}: ${taken} of ${value}, ${remaining} left`);
    }
    return { count, faults };
  },
  'the same payment is recorded once, and pays its invoice exactly': async ({ id: accountId }) => {
    const faults: string[] = [];
    const payments = await Payments.find({ accountId }).lean();
    for (const { _id, number, state, amountDue } of await Invoices.find({
      accountId,
      number: { $exists: true },
    }).lean()) {
      const own = payments.filter(({ invoiceId }) => invoiceId === _id);
      const paid = sum(own.map(({ amount }) => fromDecimal128(amount)));
      if (state === 'paid' ? !paid.equals(fromDecimal128(amountDue)) : own.length > 0)
        faults.push(`${number} is ${state}, with ${paid} paid of ${amountDue}`);
    }
    return { count: payments.length, faults };
  },
  'a card is charged once': async ({ id: accountId }, { stripe }) => {
    const faults: string[] = [];
    const charges = await Charges.find({ accountId }).lean();
    const charged = [...stripe.intents.values()].filter(({ status }) => status === 'succeeded');
    for (const { _id, state, invoiceId, providerId } of charges) {
      const times = stripe.charged.filter((id) => id === providerId).length;
      if (state === 'succeeded' && times !== 1) faults.push(`${_id} was charged ${times} times`);
      if (state === 'failed' && times !== 0) faults.push(`${_id} failed, and was charged ${times} times`);
      const all = charged.filter(({ metadata }) => Object.values(metadata).includes(invoiceId));
      if (all.length > 1) faults.push(`${invoiceId} was charged ${all.length} times`);
    }
    return { count: charges.filter(({ state }) => state === 'succeeded').length, faults };
  },
  'a threshold of a budget is told once a month': async ({ id: accountId }) => {
    const passed = await Events.find({ accountId, type: 'budget_passed' }).lean();
    const told = passed.map(({ billingGroupId, after }) => {
      const { told: what } = after as { told: { period: string; percent: number } };
      return `${billingGroupId} ${what.period} ${what.percent} %`;
    });
    const twice = told.filter((one, at) => told.indexOf(one) !== at);
    return { count: told.length, faults: twice.map((one) => `${one} was told twice`) };
  },
  'an owner stays': async ({ id: accountId }) => {
    const count = await Members.countDocuments({ accountId, role: 'owner' });
    return { count, faults: count === 0 ? ['there is none'] : [] };
  },
  ...TOLD,
};

/** Calculates what each invoice should have from the current memberships and the individual costs. */
async function costsOnInvoices({ id: accountId, isPoisoned }: ChaosAccount): Promise<Found> {
  const faults: string[] = [];
  let count = 0;
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
    count += records;
    const isHuge = isPoisoned && wanted.total.precision() > 30;
    if (!isHuge && (records !== wanted.records || !total.equals(wanted.total)))
      faults.push(
        `${billingGroupId} ${period}: ${records} costs, ${total}, and not ${wanted.records}, ${wanted.total}`,
      );
  }
  faults.push(...[...expected.keys()].map((key) => `${key} has costs and no invoice`));
  return { count, faults };
}
