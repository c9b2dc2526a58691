import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBlocks } from '../../../src/local/workspace/index.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup, setApprovers } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { startReviews } from '../../../src/services/notices/cost-reviews.ts';
import { answerReview } from '../../../src/services/notices/review-answers.ts';
import { setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { CostReviews } from '../../../src/store/notices/cost-reviews.ts';
import { reviewsReply } from '../../../views/notices/cost-review.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD, OCTOBER } from '../../support/invoices/invoices.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, modalSaying, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';

/** Approvers of Blue: U0APPROVER. Leads: U0VIEWER of api, and U0STRANGER, who has no access, of web. */
beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER'] });
  await Accounts.updateOne({ _id: accountId }, { $set: { 'seller.countryCode': 'DE' } });
  const blue = (await createGroup(ctx, { accountId, name: 'Blue & <Co>', isPrimary: true }))._id;
  await createGroup(ctx, { accountId, name: 'Nobody’s' });
  await setApprovers(ctx, { accountId, billingGroupId: blue, userIds: ['U0APPROVER'] });
  for (const [name, lead] of [
    ['web', 'U0STRANGER'],
    ['api', 'U0VIEWER'],
  ] as const) {
    const { project } = await createProject(ctx, { accountId, name, billingGroupId: blue });
    await setProjectLeads(ctx, { accountId, projectId: project._id, users: [lead], userGroups: [] });
  }
  const rows = [
    ...[
      costRow('100.00', { project: 'web', day: '2026-09-10' }),
      costRow('10.00', { project: 'api', day: '2026-09-10' }),
    ],
    ...[costRow('160.00', { project: 'web' }), costRow('11.00', { project: 'api' })],
  ];
  const file = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open: file });
  for (const group of await Groups.find({ accountId }).lean()) {
    await closeInvoice(ctx, group, group.nextPeriod);
    const { nextPeriod } = await Groups.findById(group._id).orFail().lean();
    if (nextPeriod <= OCTOBER) await closeInvoice(ctx, group, OCTOBER);
  }
});
afterAll(() => product.stop());

const direct = (user: string) =>
  as(user)
    .messages(as(user).directMessage())
    .filter((one) => said(one).includes('Costs of'));
const run = async () => {
  for (let times = 0; times < 2; times++) {
    await product.ticks.run('reviews');
    await product.settle();
  }
};
const typesOf = async () =>
  (
    await Events.find({ accountId, type: /^cost_review/ })
      .sort({ _id: 1 })
      .lean()
  ).map(({ type }) => type);
const click = async (user: string, actionId: string) => {
  const message = direct(user).at(-1);
  if (!message) throw new Error('no message');
  await as(user).click({ message, actionId });
};

it('the list of a month names fifty people, however long the names of their groups are', () => {
  const states = Array.from({ length: 60 }, (_, at) => ({
    ...{ groupName: `${'&'.repeat(40)} ${at} ${'x'.repeat(60)}`, userId: `U0PERSON${at}`, projects: 2 },
    state: 'explanation_missing' as const,
  }));
  const { blocks } = JSON.parse(JSON.stringify(reviewsReply(OCTOBER, states)));
  expect(checkBlocks('message', blocks)).toEqual([]);
  const text = JSON.stringify(blocks);
  expect(text.match(/<@U0PERSON\d+>/g)).toHaveLength(50);
  expect(text.match(/explanation missing/g)).toHaveLength(50);
  expect(text).toContain('… and 10 more');
});

describe('a cost review', () => {
  it('isn’t asked for unless the account wants it', async () => {
    await run();
    expect(direct('U0APPROVER')).toEqual([]);
    expect(said(await ask('U0ADMIN', '/billing reviews'))).toContain('Nobody was asked to review');
  });

  it('asks approvers about the group and leads about their projects, once', async () => {
    await Accounts.updateOne({ _id: accountId }, { $set: { costReviews: 'ask' } });
    await Promise.all([startReviews(ctx), startReviews(ctx)]);
    await run();
    const [group, ...more] = direct('U0APPROVER');
    expect(more).toEqual([]);
    expect(checkBlocks('message', group?.blocks ?? [])).toEqual([]);
    const words = group ? said(group) : '';
    expect(words).toContain('Costs of Blue &amp; &lt;Co&gt; in October 2026');
    expect(words).toContain('EUR 171.00, up EUR 61.00 (55.5%) from EUR 110.00 in September 2026.');
    expect(words).toContain('Most of the change comes from usage and prices (EUR +61.00).');
    expect(words).toContain('EUR +60.00 · web: Compute');
    expect(words).toContain('above your account’s limit');
    const own = direct('U0VIEWER').map(said);
    expect(own).toHaveLength(1);
    expect(own[0]).toContain('Costs of api in Blue &amp; &lt;Co&gt; in October 2026');
    expect(own[0]).toContain('EUR 11.00, up EUR 1.00 (10%)');
    expect(own[0]).not.toContain('web');
    expect(own[0]).not.toContain('limit');
    expect(await CostReviews.countDocuments({ accountId, untold: true })).toBe(0);
    expect(await typesOf()).toEqual(['cost_review_started']);
  });

  it('is marked as seen once, and finance sees who hasn’t answered', async () => {
    await click('U0VIEWER', 'review.seen');
    await click('U0VIEWER', 'review.seen');
    await as('U0VIEWER').waitFor(async () => (await typesOf()).includes('cost_review_seen'));
    await product.quiet();
    expect(await typesOf()).toEqual(['cost_review_started', 'cost_review_seen']);
    const states = said(await ask('U0ADMIN', '/billing reviews'));
    expect(states).toContain('Cost reviews of October 2026: 1 of 2 answered');
    expect(states).toContain('<@U0APPROVER> · Blue &amp; &lt;Co&gt;: no answer yet');
    expect(states).toContain('<@U0VIEWER> · Blue &amp; &lt;Co&gt; (1 project): seen');
    expect(said(await ask('U0VIEWER', '/billing reviews'))).toContain('You need the');
  });

  it('with a large change stays open until it is explained, in the log and the finance channel', async () => {
    await click('U0APPROVER', 'review.seen');
    await as('U0APPROVER').waitFor(async () => (await typesOf()).length === 3);
    expect(said(await ask('U0ADMIN', '/billing reviews 2026-10'))).toContain('seen, explanation missing');
    await click('U0APPROVER', 'review.explain.open');
    await modalSaying('U0APPROVER', 'Why did the costs change?');
    expect(await errorsOf('U0APPROVER', { reason: '  ' })).toEqual({ reason: 'Enter an explanation.' });
    await submitFor('U0APPROVER', { reason: 'A load test of *web*' }, 'Finance can read your explanation');
    await product.settle();
    const event = await Events.findOne({ accountId, type: 'cost_review_explained' }).orFail().lean();
    expect(event).toMatchObject({
      actor: 'U0APPROVER',
      description: 'Explained the costs of billing group "Blue & <Co>" for October 2026: "A load test of *web*"',
      invoiceId: expect.stringMatching(/^inv_/),
    });
    const thread = as('U0OWNER')
      .messages(FINANCE)
      .filter((one) => said(one).includes('A load test'));
    expect(thread).toHaveLength(1);
    // in the thread of the invoice
    expect(thread[0]?.thread_ts).toBeDefined();
    expect(said(await ask('U0ADMIN', '/billing reviews'))).toContain('2 of 2 answered');
  });

  it('can’t be answered by anyone who wasn’t asked', async () => {
    const { _id: reviewId } = await CostReviews.findOne({ accountId, 'people.0': { $exists: true } })
      .orFail()
      .lean();
    const before = await typesOf();
    for (const [user, code] of [
      ['U0MEMBER', 'cost_review_not_found'],
      ['U0STRANGER', 'account_not_found'],
    ] as const) {
      const answered = answerReview(contextAt(clock, person(user, TEAM_ID)), { accountId, reviewId }, 'Mine');
      await expect(answered).rejects.toMatchObject({ code });
    }
    expect(await typesOf()).toEqual(before);
  });

  it('isn’t sent to those who have lost access before it is sent', async () => {
    await CostReviews.updateMany(
      { accountId, 'people.0': { $exists: true } },
      { $set: { untold: true, 'people.$[].toldAt': null, 'people.$[one].userId': 'U0STRANGER' } },
      { arrayFilters: [{ 'one.userId': 'U0VIEWER' }] },
    );
    const before = direct('U0STRANGER').length;
    await run();
    expect(direct('U0STRANGER')).toHaveLength(before);
    // and those who have it get no second one
    expect(direct('U0APPROVER')).toHaveLength(1);
    expect(await CostReviews.countDocuments({ accountId, untold: true })).toBe(0);
  });

  it('waits for none that can’t be sent, such as in a workspace without the app', async () => {
    const review = await CostReviews.findOne({ accountId, 'people.0': { $exists: true } })
      .orFail()
      .lean();
    const unreachable = Array.from({ length: 60 }, (_, at) => ({
      ...{ ...review, _id: `rev_${at}`, accountId: 'acc_elsewhere', invoiceId: `inv_${at}`, untold: true },
      startedAt: new Date('2026-11-01T00:00:00Z'),
    }));
    await CostReviews.collection.insertMany(unreachable as never[]);
    await CostReviews.updateOne({ _id: review._id }, { $set: { untold: true, 'people.$[].toldAt': null } });
    await run();
    expect(await CostReviews.countDocuments({ accountId, untold: true })).toBe(0);
  });
});
