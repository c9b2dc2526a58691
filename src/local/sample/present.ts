import { openAmount } from '../../billing/invoice/invoice-life.ts';
import { Decimal } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import type { BankLine } from '../../billing/statement/bank-line.ts';
import { setBudget } from '../../services/budgets/budgets.ts';
import type { Ctx } from '../../services/kit/context.ts';
import { askMove } from '../../services/moves/move-ask.ts';
import { readStatement } from '../../services/settlement/bank-statements.ts';
import { balanceOf } from '../../services/settlement/invoice-balance.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { Projects } from '../../store/groups/groups.ts';
import { Invoices } from '../../store/invoicing/invoices.ts';
import { GROUP } from './acme.ts';
import { as, groupIdOf } from './acting.ts';

/** What is left for people to do in the main account today. */
export async function leaveToDo(ctx: Ctx, account: AccountDoc): Promise<void> {
  await setBudgets(ctx, account._id);
  await requestMove(ctx, account._id);
  await readBankStatement(ctx, account);
}

/** Development has spent its budget, the others not all of theirs. */
async function setBudgets(ctx: Ctx, accountId: string): Promise<void> {
  const set = async (group: string, amount: string, more: { projectId?: string; thresholds?: number[] } = {}) =>
    setBudget(as(ctx, 'finance'), {
      ...{ accountId, billingGroupId: await groupIdOf(accountId, group), amount, ...more },
    });
  await set(GROUP.production, '7000.00');
  await set(GROUP.development, '130.00', { thresholds: [80, 100] });
  await set(GROUP.production, '650.00', { projectId: await projectIdOf(accountId, 'search') });
}

/** A project move that nobody has decided yet. */
async function requestMove(ctx: Ctx, accountId: string): Promise<void> {
  await askMove(as(ctx, 'member'), {
    accountId,
    projectIds: [await projectIdOf(accountId, 'load-lab')],
    toGroupId: await groupIdOf(accountId, GROUP.production),
    effect: 'period_start',
    reason: 'We now test the live shop with it.',
  });
}

/**
 * Incoming payments: one that names its invoice, one that only its amount and payer explain, one that is short by a
 * bank's fee, and one that is for something else.
 */
async function readBankStatement(ctx: Ctx, account: AccountDoc): Promise<void> {
  const { _id: accountId, timeZone } = account;
  const date = dayIn(ctx.clock.now(), timeZone);
  const line = (amount: Decimal | string, name: string, purpose: string): BankLine => ({
    ...{ date, amount: new Decimal(amount), currency: 'EUR', name, purpose },
    bankReference: '',
  });
  const lines = [line('48.00', 'J. Petersen', 'Parking space 12, standing order')];
  const shop = await latestOpen(accountId, GROUP.production);
  if (shop) lines.push(line(shop.open, 'Acme Handel GmbH', `Rechnung ${shop.number}`));
  const data = await latestOpen(accountId, GROUP.data);
  if (data) lines.push(line(data.open, 'Acme Data GmbH', 'Cloud costs, thank you'));
  const sweden = await latestOpen(accountId, GROUP.sweden);
  if (sweden) lines.push(line(sweden.open.minus(FEE), 'Fjord Logistics AB', `Faktura ${sweden.number} FL-2231`));
  const statement = { bankAccount: account.seller.iban ?? '', lines, leftOut: 7 };
  await readStatement(as(ctx, 'finance'), { accountId, fileName: `statement-${date}.xml`, statement });
}

/** What a bank keeps of a payment from abroad. */
const FEE = '12.50';

async function latestOpen(accountId: string, group: string): Promise<{ number: string; open: Decimal } | undefined> {
  const billingGroupId = await groupIdOf(accountId, group);
  const invoice = await Invoices.findOne({ accountId, billingGroupId, state: 'mailed' }).sort({ seq: -1 }).lean();
  const open = invoice && openAmount(balanceOf(invoice));
  return invoice?.number !== undefined && open?.gt(FEE) ? { number: invoice.number, open } : undefined;
}

async function projectIdOf(accountId: string, name: string): Promise<string> {
  return (await Projects.findOne({ accountId, name }).orFail().lean())._id;
}
