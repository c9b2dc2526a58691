import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Period, toPeriod } from '../../src/billing/period/period.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { setNumbering } from '../../src/services/accounts/invoice-settings.ts';
import { updateSettings } from '../../src/services/accounts/settings.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { createMemo } from '../../src/services/invoicing/credit-memos.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { CreditMemos } from '../../src/store/invoicing/credit-memos.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { costRow, importCosts } from '../support/invoices/closed.ts';

useDatabase(migrate);

type Step =
  | { readonly kind: 'close' }
  | { readonly kind: 'memo' }
  | { readonly kind: 'next year' }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'format'; readonly format: string; readonly isYearly: boolean };

const FORMATS = ['{prefix}-{seq}', '{prefix}-{year}-{seq}', '{year}/{seq:3}', '{prefix}-{seq}-{year}', 'A-{seq}'];
const PREFIXES = ['A', 'B', 'A-CN', 'A-2026'];

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('close' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('memo' as const, 'next year' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('prefix' as const), prefix: fc.constantFrom(...PREFIXES) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('format' as const),
        format: fc.constantFrom(...FORMATS),
        isYearly: fc.boolean(),
      }),
    },
  ),
  { minLength: 6, maxLength: 14 },
);

/** An account with a group that has many months to close. */
class Numbered {
  private readonly clock = new TestClock('2024-01-02T12:00:00Z');
  private period: Period = toPeriod('2024-01');
  private year = 2026;
  private invoiceId: string | undefined;
  readonly accountId: string;
  private readonly billingGroupId: string;

  private constructor(accountId: string, billingGroupId: string) {
    this.accountId = accountId;
    this.billingGroupId = billingGroupId;
    this.clock.set('2026-11-02T12:00:00Z');
  }

  static async make(): Promise<Numbered> {
    const ctx = contextAt(new TestClock('2024-01-02T12:00:00Z'));
    const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
    await Accounts.updateOne({ _id: accountId }, { $set: { invoicePrefix: 'A' } });
    const group = await createGroup(ctx, { accountId, name: 'Blue', isPrimary: true });
    await importCosts(ctx, accountId, [costRow('100', { day: '2024-01-10' })]);
    return new Numbered(accountId, group._id);
  }

  /** Every refusal has a reason, and everything that can be numbered is. */
  async take(step: Step): Promise<void> {
    const ctx = contextAt(this.clock);
    if (step.kind === 'close') return this.close();
    if (step.kind === 'memo') return this.memo();
    if (step.kind === 'next year') {
      this.year += 1;
      return this.clock.set(`${this.year}-02-02T12:00:00Z`);
    }
    try {
      if (step.kind === 'prefix')
        await updateSettings(ctx, this.accountId, { settings: { invoicePrefix: step.prefix } });
      else await setNumbering(ctx, this.accountId, step);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(['numbers_taken', 'invalid_input']).toContain(error.code);
    }
  }

  private async close(): Promise<void> {
    const group = { _id: this.billingGroupId, accountId: this.accountId };
    const result = await closeInvoice(contextAt(this.clock), group, this.period);
    if (result.outcome === 'held_back') throw new Error(result.reason);
    this.invoiceId ??= result.invoice._id;
    const [year, month] = this.period.split('-').map(Number);
    this.period = toPeriod(
      month === 12 ? `${Number(year) + 1}-01` : `${year}-${String(Number(month) + 1).padStart(2, '0')}`,
    );
  }

  private async memo(): Promise<void> {
    if (this.invoiceId === undefined) return;
    const { accountId, invoiceId } = this;
    await createMemo(contextAt(this.clock), { accountId, invoiceId, reason: 'x', amounts: { 1: '0.01' } });
  }
}

describe('invoice numbers', () => {
  it('are unique, gapless in their series and never stuck, whatever is changed in any order', async () => {
    const property = fc.asyncProperty(steps, async (taken) => {
      const account = await Numbered.make();
      for (const step of taken) await account.take(step);
      const { accountId } = account;
      const invoices = await Invoices.find({ accountId, state: { $ne: 'estimate' } }).lean();
      const memos = await CreditMemos.find({ accountId }).lean();
      const numbers = [...invoices, ...memos].map(({ number }) => number);
      expect(numbers).not.toContain(undefined);
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const series of new Set([...invoices, ...memos].map((one) => one.series))) {
        const of = [...invoices, ...memos].filter((one) => one.series === series);
        const places = of.map(({ seq }) => seq ?? 0).sort((a, b) => a - b);
        expect(places).toEqual(places.map((_place, at) => at + 1));
      }
    });
    await fc.assert(property, {
      numRuns: 10,
      examples: [
        [
          [
            { kind: 'format', format: '{prefix}-{year}-{seq}', isYearly: true },
            { kind: 'close' },
            { kind: 'close' },
            { kind: 'prefix', prefix: 'B' },
            { kind: 'format', format: '{prefix}-{year}-{seq}', isYearly: false },
            { kind: 'prefix', prefix: 'A' },
            { kind: 'close' },
            { kind: 'memo' },
          ],
        ],
      ],
    });
  });

  it('that an earlier version allowed to be taken are skipped', async () => {
    const account = await Numbered.make();
    await account.take({ kind: 'format', format: '{prefix}-{year}-{seq}', isYearly: true });
    for (let closed = 0; closed < 3; closed++) await account.take({ kind: 'close' });
    const { accountId } = account;
    const numbering = { format: '{prefix}-{year}-{seq}', isYearly: false };
    await Accounts.updateOne({ _id: accountId }, { $set: { numbering } });
    await account.take({ kind: 'close' });
    const numbers = await Invoices.find({ accountId, number: { $gt: '' } })
      .sort({ period: 1 })
      .lean();
    expect(numbers.map(({ number }) => number)).toEqual(['A-2026-1', 'A-2026-2', 'A-2026-3', 'A-2026-4']);
  });
});
