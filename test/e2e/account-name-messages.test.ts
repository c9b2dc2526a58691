import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAccount, setMember } from '../../src/services/accounts/accounts.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

useDatabase(migrate);

const SHOWN = 'Account: *Acme*';
const DIALOG = '\\nAccount: Acme';

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask } = driving(() => product);
let product: Product;

beforeAll(async () => {
  product = await startProduct(clock);
  const accountId = await createAcme(ctx, { members: ['U0APPROVER', 'U0MEMBER', 'U0ADMIN'] });
  const input = { name: 'Zebra', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
  const { _id: other } = await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input);
  await setMember(ctx, other, 'U0APPROVER', 'approver');
  const { _id: billingGroupId } = await createGroup(ctx, { accountId, name: 'Blue' });
  await createGroup(ctx, { accountId, name: 'Red' });
  await createProject(ctx, { accountId, name: 'web', billingGroupId });
  await ask('U0MEMBER', '/billing assign web to Red');
  await product.settle();
});
afterAll(() => product.stop());

const direct = (user: string) => as(user).messages(as(user).directMessage()).map(said);

/** The private answer to a file that isn't one of costs. */
async function answerToFile(user: string): Promise<string> {
  const before = as(user).ephemerals(FINANCE).length;
  await as(user).uploadTogether(FINANCE, [{ name: 'costs.csv', bytes: 'Name,Price\nx,7\n' }]);
  const answer = await as(user).waitFor(() => as(user).ephemerals(FINANCE)[before]);
  return said(answer);
}

describe('in a workspace with two accounts', () => {
  it('a request to an approver names the account, and so does its dialog', () => {
    const [request = ''] = direct('U0APPROVER').filter((text) => text.includes('asked to move'));
    expect(request).toContain(SHOWN);
    expect(request).toContain(`effective 1 March 2026.${DIALOG}`);
  });

  it('the Home of a person with both names it in its dialogs too', async () => {
    await as('U0APPROVER').openHome();
    const home = await as('U0APPROVER').waitFor(() => as('U0APPROVER').home());
    expect(JSON.stringify(home)).toContain(`effective 1 March 2026.${DIALOG}`);
  });

  it('the answer to a file names it for a person with both, and not for others', async () => {
    expect(await answerToFile('U0OWNER')).toContain(SHOWN);
    expect(await answerToFile('U0ADMIN')).not.toContain('Account: ');
  });

  it('the outcome names it for the requester', async () => {
    const message = as('U0APPROVER')
      .messages(as('U0APPROVER').directMessage())
      .find((one) => one.text.includes('asked to move'));
    if (!message) throw new Error('no request');
    await as('U0APPROVER').click({ message, actionId: 'move.approve' });
    await product.quiet();
    await product.settle();
    const [outcome = ''] = direct('U0MEMBER').filter((text) => text.includes('Your move of'));
    expect(outcome).toContain(SHOWN);
  });
});
