import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Codes, Credits } from '../../../src/store/credits/credits.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, confirmFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0MEMBER'] });
  const blue = await createGroup(ctx, { accountId, name: 'Blue' });
  await createGroup(ctx, { accountId, name: 'Red' });
  await createProject(ctx, { accountId, name: 'web-shop', billingGroupId: blue._id });
});
afterAll(() => product.stop());

describe('creating codes', () => {
  it('has a form whose errors keep what was typed', async () => {
    await open('U0OWNER', '/billing credit create', 'Value per claim');
    expect(await errorsOf('U0OWNER', { name: ' ', value: '1' })).toMatchObject({ name: 'Enter a name.' });
    const again = await submitFor('U0OWNER', { name: 'Spring *sale*', value: '12,345' }, '2 decimals');
    expect(said(again)).toContain('Spring *sale*');
    const shown = await confirmFor(
      'U0OWNER',
      { value: '400.00', ownCode: 'SPRING-26', claimsPerCode: '2' },
      '1 code worth *EUR 400.00*. Up to 2 claims in total, worth *EUR 800.00*.',
      'Created credit campaign *Spring ＊sale＊* with 1 code worth *EUR 400.00*.',
    );
    expect(said(shown)).toContain('`SPRING-26` · 2 claims left');
    expect(await Codes.findOne({ accountId }).lean()).toMatchObject({ code: 'SPRING-26', claimsLeft: 2 });
  });

  it('sends many codes as a file', async () => {
    await open('U0OWNER', '/billing credit create', 'Value per claim');
    await confirmFor(
      'U0OWNER',
      { name: 'Many', value: '10', codes: '25' },
      '25 codes worth *EUR 10.00* each',
      'a file with all codes by direct message',
    );
    const direct = as('U0OWNER').directMessage();
    const file = as('U0OWNER')
      .messages(direct)
      .flatMap((message) => message.files ?? [])
      .find(({ name }) => name === 'codes-Many.csv');
    const csv = String(await product.workspace.fileBytes(file?.id ?? ''));
    expect(csv.trim().split('\r\n')).toHaveLength(26);
  });

  it('shows owners their campaigns from Home and by command, and ends one', async () => {
    const list = await open('U0OWNER', '/billing credit', 'New campaign');
    expect(said(list)).toContain('Spring ＊sale＊');
    await as('U0OWNER').close(true);
    await as('U0OWNER').openHome();
    await as('U0OWNER').waitFor(() => said(as('U0OWNER').home() ?? list).includes('credit.campaigns.open'));
    await as('U0OWNER').click({ home: true, actionId: 'credit.campaigns.open' });
    await modalSaying('U0OWNER', 'New campaign');
    const view = as('U0OWNER').openedView();
    if (!view) throw new Error('no modal');
    const { campaignId } = await Codes.findOne({ accountId, code: { $ne: 'SPRING-26' } })
      .orFail()
      .lean();
    await as('U0OWNER').click({
      view,
      actionId: 'credit.campaign.end',
      value: JSON.stringify({ account: accountId, campaign: campaignId }),
    });
    await modalSaying('U0OWNER', 'ended');
  });

  it.each(['U0ADMIN', 'U0MEMBER'])('is refused to %s', async (user) => {
    await open(user, '/billing credit create', 'Value per claim');
    await submitFor(user, { name: 'Mine', value: '1' }, 'the owner role');
  });
});

describe('claiming a credit', () => {
  it('works by command for a group, and shows in its tab what is left', async () => {
    expect(said(await ask('U0ADMIN', '/billing credit claim spring26 Blue'))).toContain('EUR 400.00');
    await open('U0ADMIN', '/billing group blue', 'EUR 400.00');
    const tab = await clickFor('U0ADMIN', 'group.tab.credits', 'SPRING-26');
    expect(said(tab)).toContain('for the whole group');
    expect(said(await ask('U0ADMIN', '/billing credit list Blue'))).toContain(
      '*Blue* has *EUR 400.00* in credits left',
    );
  });

  it('works by form from the group’s tab, for one of its projects', async () => {
    await ask('U0OWNER', '/billing create Green');
    await ask('U0OWNER', '/billing project create green-shop in Green');
    await open('U0ADMIN', '/billing group green', 'Credits left');
    await clickFor('U0ADMIN', 'group.tab.credits', 'No credits have been claimed');
    await clickFor('U0ADMIN', 'credit.claim.open', 'Leave empty to use it for all');
    expect(await errorsOf('U0ADMIN', { code: '  ' })).toEqual({ code: 'Enter a credit code.' });
    const again = await submitFor('U0ADMIN', { code: 'WRONG' }, 'There is no credit code');
    expect(said(again)).toContain('WRONG');
    const { options } = await as('U0ADMIN').suggest({ actionId: 'credit.claim.project' }, '');
    expect(JSON.stringify(options)).not.toContain('web-shop');
    await submitFor('U0ADMIN', { code: 'SPRING-26', 'credit.claim.project': options[0]?.value ?? '' }, 'Claimed');
    expect(await Credits.countDocuments({ accountId, projectId: { $ne: null } })).toBe(1);
    await as('U0ADMIN').close();
    await modalSaying('U0ADMIN', 'green-shop');
  });

  it.each([
    ['/billing credit claim SPRING-26 Red', 'has reached its claim limit'],
    ['/billing credit claim SPRING-26 Blue', 'has already claimed this code'],
    ['/billing credit claim NOPE Red', 'There is no credit code'],
    ['/billing credit claim SPRING-26', 'Enter a credit code'],
    ['/billing credit claim SPRING-26 Nowhere', 'There is no billing group named'],
    ['/billing credit claim SPRING-26 Red project nothing', 'There is no project named'],
    ['/billing credit list', 'Enter a billing group'],
    ['/billing credit burn', 'There is no credit command'],
  ])('is refused: %s', async (line, why) => {
    expect(said(await ask('U0ADMIN', line))).toContain(why);
  });

  it('is refused to viewers, whose tab has no button', async () => {
    expect(said(await ask('U0MEMBER', '/billing credit claim SPRING-26 Red'))).toContain('owner or billing admin');
    await open('U0MEMBER', '/billing group blue', 'Credits left');
    expect(said(await clickFor('U0MEMBER', 'group.tab.credits', 'SPRING-26'))).not.toContain('credit.claim.open');
  });
});
