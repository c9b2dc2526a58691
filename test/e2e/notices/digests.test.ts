import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBlocks } from '../../../src/local/workspace/index.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { FINANCE, type Product, SHARED, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0MEMBER', 'U0VIEWER'] });
  const blue = (await createGroup(ctx, { accountId, name: 'Blue', isPrimary: true }))._id;
  for (const name of ['web <&>', 'api']) {
    const { project } = await createProject(ctx, { accountId, name, billingGroupId: blue });
    if (name === 'api')
      await setProjectLeads(ctx, { accountId, projectId: project._id, users: ['U0VIEWER'], userGroups: [] });
  }
  const rows = [
    costRow('10.00', { project: 'web <&>', day: '2026-11-10' }),
    costRow('2.50', { project: 'api', day: '2026-11-11' }),
    costRow('8.00', { project: 'web <&>', day: '2026-11-03' }),
  ];
  const file = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open: file });
  await product.settle();
});
afterAll(() => product.stop());

const digestsIn = (channel: string) =>
  as('U0OWNER')
    .messages(channel)
    .filter((one) => said(one).includes('Costs from'));
const direct = () => as('U0VIEWER').messages(as('U0VIEWER').directMessage());

describe('a cost digest', () => {
  it('is subscribed to by form, in a channel and in person', async () => {
    await open('U0OWNER', '/billing digest', 'Weekly, on Monday at 9:00');
    expect(await errorsOf('U0OWNER', { channel: null })).toEqual({ channel: 'Choose a channel or direct messages.' });
    expect(await errorsOf('U0OWNER', { channel: FINANCE, led: ['led'] })).toEqual({
      led: 'To follow only the projects you lead, also select “Only me, by direct message”.',
    });
    await submitFor('U0OWNER', { channel: FINANCE, led: [], rhythm: 'weekly' }, 'will receive a weekly cost digest');
    await open('U0VIEWER', '/billing digest mine', 'Only the projects I lead');
    await submitFor('U0VIEWER', {}, 'You will receive a weekly cost digest');
    expect(said(await ask('U0VIEWER', '/billing notify list'))).toContain('weekly cost digest of my projects');
  });

  it('for a channel shared with other organizations requires a confirmation, and for any channel the permission', async () => {
    await open('U0OWNER', '/billing digest', 'Weekly');
    await submitFor('U0OWNER', { channel: SHARED }, 'shared with another organization');
    expect(await Subscriptions.countDocuments({ channelId: SHARED })).toBe(0);
    await open('U0VIEWER', '/billing digest', 'Weekly');
    await submitFor('U0VIEWER', { channel: FINANCE }, 'You need the');
    expect(await Subscriptions.countDocuments({ accountId, digest: 'weekly' })).toBe(2);
  });

  it('is sent once, on Monday at nine, with what it covers', async () => {
    clock.set('2026-11-16T07:59:00Z');
    await product.ticks.run('digests');
    await product.settle();
    expect(digestsIn(FINANCE)).toEqual([]);
    clock.set('2026-11-16T08:00:00Z');
    for (let run = 0; run < 3; run++) {
      await product.ticks.run('digests');
      await product.settle();
    }
    const sent = digestsIn(FINANCE);
    expect(sent.map(({ text }) => text)).toEqual(['Costs from 9 November 2026 to 15 November 2026: EUR 12.50']);
    expect(checkBlocks('message', sent[0]?.blocks ?? [])).toEqual([]);
    const words = sent.map(said).join();
    expect(words).toContain('Up EUR 4.50 (56.3%) from EUR 8.00 the week before');
    expect(words).toContain('api: up EUR 2.50 to EUR 2.50\\nweb &lt;&amp;&gt;: up EUR 2.00 to EUR 10.00');
    const own = direct().filter((one) => said(one).includes('Costs from'));
    expect(own.map(({ text }) => text)).toEqual(['Costs from 9 November 2026 to 15 November 2026: EUR 2.50']);
    expect(own.map(said).join()).not.toContain('web');
  });

  it('that can’t be sent delays no other', async () => {
    await Subscriptions.updateOne({ accountId, channelId: FINANCE }, { $set: { channelId: 'C0GONE' } });
    const before = direct().length;
    clock.set('2026-11-23T08:00:00Z');
    await product.ticks.run('digests');
    await product.settle();
    expect(
      direct()
        .slice(before)
        .map(({ text }) => text),
    ).toContain('Costs from 16 November 2026 to 22 November 2026: EUR 0.00');
  });

  it('is only the latest one after a pause of weeks', async () => {
    const state = (to: 'active' | 'paused') =>
      Subscriptions.updateOne({ accountId, isPersonal: true }, { $set: { state: to } });
    await state('paused');
    for (const monday of ['2026-11-30', '2026-12-07', '2026-12-14']) {
      clock.set(`${monday}T08:00:00Z`);
      await product.ticks.run('digests');
      await product.settle();
    }
    const before = direct().length;
    await state('active');
    await product.ticks.run('news');
    await product.settle();
    expect(
      direct()
        .slice(before)
        .map(({ text }) => text),
    ).toEqual(['Costs from 7 December 2026 to 13 December 2026: none']);
  });
});
