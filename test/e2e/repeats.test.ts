import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Events } from '../../src/store/events/events.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving } from '../support/slack/driving.ts';
import { sendCommand, sendInteraction, viewPayload } from '../support/slack/signed.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, open, clickFor, submitFor, confirmFor, errorsOf, modalSaying } = driving(() => product);
let product: Product;
let accountId = '';
let blue = '';

beforeAll(async () => {
  product = await startProduct(clock, { repeats: 3 });
  accountId = await createAcme(ctx, { members: ['U0ADMIN'] });
  blue = (await createGroup(ctx, { accountId, name: 'Blue' }))._id;
  await createProject(ctx, { accountId, name: 'web-shop', billingGroupId: blue });
});
afterEach(() =>
  as('U0OWNER')
    .close(true)
    .catch(() => []),
);
afterAll(() => product.stop());

/** The number of events by type, once all requests are done. */
async function counts(): Promise<Record<string, number>> {
  await product.quiet();
  const events = await Events.find({ accountId }, { type: 1 }).lean();
  const sums: Record<string, number> = {};
  for (const { type } of events) sums[type] = (sums[type] ?? 0) + 1;
  return sums;
}

/** What some steps have added to the log, by type. */
async function added(steps: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await counts();
  await steps();
  const after = await counts();
  const differences = Object.entries(after).map(([type, sum]) => [type, sum - (before[type] ?? 0)] as const);
  return Object.fromEntries(differences.filter(([, sum]) => sum > 0));
}

const group = () => as('U0OWNER').suggest({ actionId: 'adjustment.create.group' }, 'Blue');

/** A form, what is typed, and what one submission adds to the log. */
const FORMS: readonly (readonly [string, () => Promise<unknown>, Record<string, number>])[] = [
  [
    'an extra charge',
    async () => {
      await open('U0OWNER', '/billing charge', 'There is no extra charge');
      await clickFor('U0OWNER', 'adjustment.add', 'Frequency');
      await group();
      await confirmFor(
        'U0OWNER',
        { 'adjustment.create.group': blue, description: 'Setup', value: '5.50' },
        'EUR 5.50',
        '*Blue*: Setup',
      );
    },
    { charge_created: 1 },
  ],
  [
    'a credit campaign',
    async () => {
      await open('U0OWNER', '/billing credit create', 'Value per claim');
      await confirmFor(
        'U0OWNER',
        { name: 'Spring', value: '400.00', ownCode: 'SPRING-26' },
        '*EUR 400.00*',
        'SPRING-26',
      );
    },
    { credit_campaign_created: 1 },
  ],
  [
    'a credit campaign whose codes are random',
    async () => {
      await open('U0OWNER', '/billing credit create', 'Value per claim');
      await confirmFor('U0OWNER', { name: 'Random', value: '10', codes: '2' }, '*EUR 10.00*', 'Created');
    },
    { credit_campaign_created: 1 },
  ],
  [
    'a subscription',
    async () => {
      await open('U0OWNER', '/billing notify', 'Topics');
      await submitFor('U0OWNER', { channel: FINANCE, kinds: ['groups'] }, 'will receive');
    },
    { subscription_changed: 1 },
  ],
  [
    'a token, whose secret stays readable',
    async () => {
      await open('U0OWNER', '/billing token create', 'Access');
      await submitFor('U0OWNER', { name: 'Loader' }, 'Copy it now');
      await product.quiet();
      await modalSaying('U0OWNER', 'Copy it now');
    },
    { token_created: 1 },
  ],
  [
    'a billing group, after a name that was wrong',
    async () => {
      await open('U0OWNER', '/billing create', 'Environment');
      await errorsOf('U0OWNER', { name: ' ' });
      await submitFor('U0OWNER', { name: 'blue' }, 'already');
      await submitFor('U0OWNER', { name: 'Red' }, 'invoices are in EUR');
    },
    { billing_group_created: 1 },
  ],
  [
    'a group that is renamed and gets approvers: several changes by one form',
    async () => {
      await open('U0OWNER', '/billing group Red', 'Red');
      await clickFor('U0OWNER', 'group.menu', 'Environment', 'rename');
      await submitFor('U0OWNER', { name: 'Crimson', environment: 'test', approvers: ['U0ADMIN'] }, 'Renamed');
    },
    { billing_group_renamed: 1, billing_group_changed: 2 },
  ],
  [
    'settings',
    async () => {
      await open('U0OWNER', '/billing settings', 'Seller');
      await submitFor('U0OWNER', { city: 'Berlin' }, 'Saved');
    },
    { account_updated: 1 },
  ],
];

describe('a form that Slack sends three times', () => {
  it.each(FORMS)('takes effect once, with one answer: %s', async (_name, steps, events) => {
    expect(await added(steps)).toEqual(events);
  });

  it('takes effect again when it is reopened', async () => {
    const subscribe = async () => {
      await open('U0OWNER', '/billing notify', 'Topics');
      await submitFor('U0OWNER', { channel: FINANCE, kinds: ['projects'] }, 'will receive');
    };
    expect(await added(subscribe)).toEqual({ subscription_changed: 1 });
    expect(await added(subscribe)).toEqual({ subscription_changed: 1 });
  });

  it('is handled by every form, also when it can’t be read', async () => {
    const forms = product.app.registry.registered.filter(({ kind }) => kind === 'submit');
    expect(forms.length).toBeGreaterThan(20);
    for (const { name } of forms) {
      for (const metadata of ['', '{', '{"of":"an earlier version"}']) {
        const view = viewPayload({ callback_id: name, private_metadata: metadata, id: 'V_OLD' });
        const payload = { type: 'view_submission', trigger_id: 'trigger.old', view };
        const answer = await sendInteraction({ url: product.url, secret: product.signingSecret }, payload, {
          user: 'U0OWNER',
          team: TEAM_ID,
        });
        expect([name, answer.status]).toEqual([name, 200]);
      }
    }
  });
});

describe('a command that Slack sends three times', () => {
  it.each([
    ['create Green', { billing_group_created: 1 }],
    ['charge Blue 5 Setup', {}],
    ['rename Blue Navy', { billing_group_renamed: 1 }],
  ] as const)('takes effect once: %s', async (text, events) => {
    const send = () =>
      sendCommand({ url: product.url, secret: product.signingSecret }, '/billing', text, {
        user: 'U0OWNER',
        team: TEAM_ID,
        channel: FINANCE,
        trigger: `trigger.${text}`,
      });
    const outcome = await added(async () => {
      await Promise.all([send(), send()]);
      await product.quiet();
      await send();
    });
    expect(outcome).toEqual(events);
  });
});
