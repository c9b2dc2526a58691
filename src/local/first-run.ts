import { periodAt } from '../billing/period.ts';
import { createAccount, setMember } from '../services/accounts.ts';
import type { Ctx } from '../services/context.ts';
import { createGroup } from '../services/groups.ts';
import { importFocus } from '../services/imports.ts';
import { closeDue } from '../services/invoices.ts';
import { Accounts } from '../store/accounts.ts';
import { Imports } from '../store/imports.ts';
import { sampleCosts, sampleMonths } from './sample.ts';
import { CHANNELS, PEOPLE, TEAM } from './seed.ts';

/**
 * Makes the account "Acme" with the sample costs and closes the months that are past, if that was not done yet. Safe to
 * repeat: after a start that was cut off, the next one does the rest.
 */
export async function firstRun(ctx: Ctx, onProgress: (line: string) => void): Promise<void> {
  const owner = { teamId: TEAM.id, userId: PEOPLE.owner.id };
  const account =
    (await Accounts.findOne({ teamId: TEAM.id }).lean()) ??
    (await createAccount(ctx, owner, {
      name: 'Acme',
      timeZone: 'Etc/UTC',
      currency: 'USD',
      financeChannelId: CHANNELS.finance.id,
    }));
  const accountId = account._id;
  for (const { id, role } of Object.values(PEOPLE)) await setMember(ctx, accountId, id, role);
  const present = periodAt(ctx.clock.now(), account.timeZone);
  const months = sampleMonths(present);
  if ((await Imports.countDocuments({ accountId, state: 'finished' })) >= months.length) return;
  onProgress('Making the account “Acme” and importing the sample costs …');
  if (account.primaryBillingGroupId === null) {
    await createGroup(ctx, { accountId, name: 'Cloud platform', isPrimary: true });
  }
  for (const month of months) {
    await importFocus(ctx, {
      accountId,
      fileName: `focus_sample_1000.csv (as of ${month})`,
      replace: false,
      open: () => sampleCosts(month),
    });
  }
  onProgress('Closing the months that are past …');
  await closeDue(ctx);
}
