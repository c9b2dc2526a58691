import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBlocks, type Message } from '../../../src/local/workspace/index.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { accountWithProject, everyDay, importDays } from '../../support/costs/daily-costs.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-11T12:00:00Z');
const ctx = contextAt(clock);
const { as, open, modalSaying, submitFor } = driving(() => product);
let product: Product;
let accountId = '';
let projectId = '';

/** Checks for anomalies and sends all messages. */
async function tick() {
  await product.ticks.run('anomalies');
  await product.settle();
}

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0MEMBER', 'U0VIEWER'], timeZone: 'Etc/UTC' });
  await createGroup(ctx, { accountId, name: 'Other' });
  ({ projectId } = await accountWithProject(ctx, { accountId, project: 'web' }));
  await setProjectLeads(ctx, { accountId, projectId, users: ['U0VIEWER'], userGroups: [] });
  const viewer = contextAt(clock, person('U0VIEWER', TEAM_ID));
  const channelId = as('U0VIEWER').directMessage();
  await subscribe(viewer, accountId, { channelId, isPersonal: true, isAboutLed: true, kinds: ['budgets'] });
  await importDays(ctx, accountId, everyDay('2026-10-01', '2026-11-10', { cost: '100.00', region: 'eu' }));
  await tick();
  clock.set('2026-11-15T12:00:00Z');
  await importDays(ctx, accountId, [
    ...everyDay('2026-11-11', '2026-11-14', { cost: '100.00', region: 'eu' }),
    ...everyDay('2026-11-11', '2026-11-14', { cost: '400.00', region: 'us <&>' }),
  ]);
  await tick();
});
afterAll(() => product.stop());

const inFinance = () =>
  as('U0OWNER')
    .messages(FINANCE)
    .filter((one) => said(one).includes('Unusually high costs'));
const direct = () => as('U0VIEWER').messages(as('U0VIEWER').directMessage());
const click = (user: string, message: Message | undefined, actionId: string) => {
  if (!message) throw new Error('no message');
  return as(user).click({ message, actionId });
};
/** The replies to the message in the finance channel that say something. */
const replies = (words: string) =>
  as('U0OWNER')
    .messages(FINANCE)
    .filter((one) => one.thread_ts === inFinance()[0]?.ts && said(one).includes(words));

describe('unusual costs', () => {
  it('are reported once in the finance channel and to the project’s lead, with a chart', async () => {
    await tick();
    const [message, ...more] = inFinance();
    expect(more).toEqual([]);
    expect(message?.text).toBe('Unusually high costs: Compute in web cost EUR 500.00 on 11 November 2026');
    expect(checkBlocks('message', message?.blocks ?? [])).toEqual([]);
    const words = message ? said(message) : '';
    expect(words).toContain('Since 11 November 2026, above the expected range of EUR 100.00 to EUR 100.00 a day');
    expect(words).toContain('Region us &lt;&amp;&gt;: EUR 400.00, before EUR 0.00 a day');
    expect(words).toContain('slack_file');
    expect(words).toContain('unusual on 11 November 2026 with EUR 500.00, expected EUR 100.00 to EUR 100.00');
    expect(direct().filter((one) => said(one).includes('Unusually high costs'))).toHaveLength(1);
  });

  it('are assigned to a person, in the message’s thread', async () => {
    await click('U0VIEWER', direct().at(-1), 'anomaly.investigate.open');
    await modalSaying('U0VIEWER', 'Investigated by');
    await submitFor('U0VIEWER', { assignee: 'U0MEMBER' }, '<@U0MEMBER> is now investigating these costs');
    await product.settle();
    expect(replies('<@U0MEMBER> is investigating these costs, assigned by <@U0VIEWER>')).toHaveLength(1);
    expect(said(await open('U0OWNER', '/billing anomalies', '1 finding'))).toContain('Investigated by <@U0MEMBER>');
  });

  it('are a question to the project’s leads, who are asked once', async () => {
    const asked = () => direct().filter((one) => said(one).includes('a project that you lead'));
    for (let time = 0; time < 2; time++) {
      await click('U0MEMBER', inFinance()[0], 'anomaly.ask');
      await as('U0MEMBER').waitFor(
        () =>
          as('U0MEMBER')
            .ephemerals(FINANCE)
            .filter((one) => said(one).includes('get a direct message: <@U0VIEWER>'))[time],
      );
      await tick();
    }
    expect(asked()).toHaveLength(1);
    expect(asked().map(said).join()).toContain('<@U0MEMBER> asked about the costs of web');
    expect(asked().map(said).join()).toContain('anomaly.expected.open');
  });

  it('can’t be answered by others', async () => {
    await setProjectLeads(ctx, { accountId, projectId, users: [], userGroups: [] });
    await click('U0VIEWER', inFinance()[0], 'anomaly.expected.open');
    await modalSaying('U0VIEWER', 'You need the');
    await as('U0VIEWER').close(true);
  });

  it('are expected with a reason, and the thread says when they are back', async () => {
    await click('U0MEMBER', inFinance()[0], 'anomaly.expected.open');
    await modalSaying('U0MEMBER', 'Reason');
    await submitFor('U0MEMBER', { reason: 'A <load> test' }, 'These costs are now expected');
    await product.settle();
    expect(replies('as expected: A &lt;load&gt; test')).toHaveLength(1);
    clock.set('2026-11-18T12:00:00Z');
    await importDays(ctx, accountId, everyDay('2026-11-15', '2026-11-17', { cost: '100.00', region: 'eu' }));
    await tick();
    expect(replies('are back in their expected range')).toHaveLength(1);
    expect(inFinance()).toHaveLength(1);
    const list = said(await open('U0OWNER', '/billing anomalies', 'Ended'));
    expect(list).toContain('Expected, according to <@U0MEMBER>: A &lt;load&gt; test');
    expect(list).not.toContain('anomaly.expected.open');
  });
});
