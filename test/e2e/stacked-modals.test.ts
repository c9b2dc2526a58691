import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const owner = contextAt(clock, person('U0OWNER', TEAM_ID));
const { as, open, clickFor, submitFor } = driving(() => product);
let product: Product;

beforeAll(async () => {
  product = await startProduct(clock);
  const input = { name: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: FINANCE };
  const account = await createAccount(contextAt(clock), { teamId: TEAM_ID, userId: 'U0OWNER' }, input);
  await createGroup(owner, { accountId: account._id, name: 'Blue' });
});
afterAll(() => product.stop());

/** The stacked modals, the lowest first. */
const stack = () => product.workspace.state.views('U0OWNER');

describe('stacked modals', () => {
  it('are never more than three: the fourth replaces the third, with a way back', async () => {
    await open('U0OWNER', '/billing group blue', 'Last invoice');
    await clickFor('U0OWNER', 'group.tab.billing', 'Payment method');
    await clickFor('U0OWNER', 'payment.choose.open', 'Payment method for this group');
    expect(stack()).toHaveLength(2);
    await clickFor('U0OWNER', 'payment.list.open', 'New');
    const third = stack().at(-1)?.id;
    expect(stack()).toHaveLength(3);
    const form = await clickFor('U0OWNER', 'payment.create.open', 'Payment terms in days');
    expect(stack()).toHaveLength(3);
    expect(form.id).toBe(third);
    await submitFor('U0OWNER', { termsDays: '30' }, 'Saved');
    await as('U0OWNER').close();
    expect(said(as('U0OWNER').openedView() ?? ({} as never))).toContain('Payment method for this group');
  });

  it('are pushed in one place in the code, which counts them', () => {
    const root = new URL('../../', import.meta.url);
    const files = ['src/slack/', 'views/', 'commands/'].flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${folder}${name}`),
    );
    const pushing = files.filter((file) =>
      /views\s*\.push\(|response_action: 'push'/.test(readFileSync(new URL(file, root), 'utf8')),
    );
    // the other one shows an error on top, and replaces the top view at the limit
    expect(pushing).toEqual(['src/slack/requests/request-context.ts', 'src/slack/requests/tell.ts']);
  });
});
