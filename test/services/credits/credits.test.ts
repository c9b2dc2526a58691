import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeKey, makeCode, standingOf } from '../../../src/billing/credit/credit.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { createCampaign, endCampaign, type NewCampaign } from '../../../src/services/credits/credit-campaigns.ts';
import { claimCredit, expireCredits, listCredits, remainingCredits } from '../../../src/services/credits/credits.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Codes, Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const owner = contextAt(clock, person('U_OWNER'));
const CAMPAIGN: NewCampaign = {
  name: 'Spring',
  type: 'promotion',
  value: '400.00',
  currency: 'EUR',
  startDay: null,
  endDay: null,
  claimsPerCode: 1,
  codes: 1,
  ownCode: null,
};

async function world(campaign: Partial<NewCampaign> = {}) {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR', timeZone: 'Europe/Berlin' });
  const group = await createGroup(ctx, { accountId, name: 'Blue' });
  const { codes } = await createCampaign(owner, accountId, { ...CAMPAIGN, ...campaign });
  return { accountId, billingGroupId: group._id, code: codes[0] ?? '', codes };
}

describe('a credit code', () => {
  it('is found however it is typed', () => {
    expect(codeKey(' abcd–efgh jkmn ')).toBe('ABCDEFGHJKMN');
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 12, maxLength: 12 }), (numbers) => {
        let at = 0;
        const code = makeCode((below) => (numbers[at++ % 12] ?? 0) % below);
        expect(code).toMatch(/^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/);
        expect(codeKey(code.toLowerCase())).toBe(codeKey(code));
      }),
    );
  });

  it('has a status that follows time and use', () => {
    const credit = { startTime: new Date(10), expireTime: new Date(20), remaining: new Decimal(1) };
    expect([5, 10, 19, 20].map((at) => standingOf(credit, new Date(at)))).toEqual([
      'not yet valid',
      'active',
      'active',
      'expired',
    ]);
    expect(standingOf({ ...credit, remaining: new Decimal(0) }, new Date(15))).toBe('used up');
  });
});

describe('claiming a code', () => {
  it('adds the credit with its event', async () => {
    const of = await world();
    const credit = await claimCredit(owner, of);
    expect(credit).toMatchObject({ standing: 'active', currency: 'EUR' });
    expect((await remainingCredits(owner, of.accountId, of.billingGroupId)).toFixed(2)).toBe('400.00');
    const [event] = await Events.find({ accountId: of.accountId, type: 'credit_claimed' }).lean();
    expect(event?.description).toBe('Added EUR 400.00 credits to billing group "Blue"');
  });

  it('for one claim succeeds once for ten people at the same time, in ten groups', async () => {
    const of = await world();
    const people = Array.from({ length: 10 }, (_, at) => `U_ADMIN${at}`);
    for (const id of people) await setMember(ctx, of.accountId, id, 'billing_admin');
    const groups: { _id: string }[] = [];
    for (const id of people) groups.push(await createGroup(ctx, { accountId: of.accountId, name: `Group ${id}` }));
    const claims = people.map((id, at) =>
      claimCredit(contextAt(clock, person(id)), { ...of, billingGroupId: groups[at]?._id ?? '' }),
    );
    const all = await Promise.allSettled(claims);
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of all)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'credit_code_used' });
    expect(await Credits.countDocuments({ accountId: of.accountId })).toBe(1);
    expect(await Events.countDocuments({ accountId: of.accountId, type: 'credit_claimed' })).toBe(1);
    expect(await Codes.findOne({ accountId: of.accountId }).lean()).toMatchObject({ claimsLeft: 0 });
  });

  it('for five claims succeeds five times out of ten', async () => {
    const of = await world({ claimsPerCode: 5 });
    const groups: { _id: string }[] = [];
    for (let at = 0; at < 10; at++) groups.push(await createGroup(ctx, { accountId: of.accountId, name: `G${at}` }));
    const all = await Promise.allSettled(groups.map(({ _id }) => claimCredit(owner, { ...of, billingGroupId: _id })));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('is refused twice for the same group, even at the same time', async () => {
    const of = await world({ claimsPerCode: 5 });
    const all = await Promise.allSettled([1, 2, 3].map(() => claimCredit(owner, of)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(claimCredit(owner, of)).rejects.toMatchObject({ code: 'credit_claimed_already' });
    expect(await Codes.findOne({ accountId: of.accountId }).lean()).toMatchObject({ claimsLeft: 4 });
  });

  it('reveals nothing about other accounts’ codes', async () => {
    const [mine, other] = [await world(), await world()];
    await expect(claimCredit(owner, { ...mine, code: other.code })).rejects.toMatchObject({
      code: 'credit_code_not_found',
    });
    await expect(claimCredit(owner, { ...mine, code: 'NOPE' })).rejects.toMatchObject({
      code: 'credit_code_not_found',
    });
  });

  it('is refused for another currency, an ended campaign, a project in another group, and without permission', async () => {
    const of = await world();
    const yen = await createGroup(ctx, { accountId: of.accountId, name: 'Yen', currency: 'JPY' });
    await expect(claimCredit(owner, { ...of, billingGroupId: yen._id })).rejects.toMatchObject({
      code: 'credit_wrong_currency',
    });
    const { project } = await createProject(ctx, { accountId: of.accountId, name: 'p', billingGroupId: yen._id });
    await expect(claimCredit(owner, { ...of, projectId: project._id })).rejects.toMatchObject({
      code: 'project_not_found',
    });
    await setMember(ctx, of.accountId, 'U_MEMBER', 'member');
    await expect(claimCredit(contextAt(clock, person('U_MEMBER')), of)).rejects.toMatchObject({ code: 'role_needed' });
    const { campaignId } = await Codes.findOne({ accountId: of.accountId }).orFail().lean();
    await endCampaign(owner, of.accountId, campaignId);
    await expect(claimCredit(owner, of)).rejects.toMatchObject({ code: 'credit_code_ended' });
  });
});

describe('the validity of credits', () => {
  it('is counted in whole days of the account', async () => {
    const of = await world({ startDay: '2026-03-21', endDay: '2026-03-29' });
    const credit = await claimCredit(owner, of);
    // in Berlin; the clocks go forward on the 29th
    expect(credit.startTime.toISOString()).toBe('2026-03-20T23:00:00.000Z');
    expect(credit.expireTime?.toISOString()).toBe('2026-03-29T22:00:00.000Z');
    expect(credit.standing).toBe('not yet valid');
    expect((await remainingCredits(owner, of.accountId, of.billingGroupId)).toFixed()).toBe('0');
  });

  it('ends once, with its event, even after a week without a run and with several runs at once', async () => {
    const of = await world({ endDay: '2026-03-22' });
    await claimCredit(owner, of);
    clock.set('2026-03-29T12:00:00Z');
    await Promise.all([1, 2, 3].map(() => expireCredits(ctx)));
    await expireCredits(ctx);
    const events = await Events.find({ accountId: of.accountId, type: 'credit_expired' }).lean();
    expect(events).toHaveLength(1);
    expect(events[0]?.description).toContain('EUR 400.00 left');
    const page = await listCredits(owner, of.accountId, { page: 1, size: 10, billingGroupId: of.billingGroupId });
    expect(page.items[0]).toMatchObject({ standing: 'expired' });
    clock.set('2026-03-20T12:00:00Z');
  });
});

describe('a campaign', () => {
  it.each([
    [{ value: '0.00' }, 'value'],
    [{ value: '12.345' }, 'value'],
    [{ value: '-5' }, 'value'],
    [{ currency: 'XXX' }, 'currency'],
    [{ codes: 1001 }, 'codes'],
    [{ ownCode: 'ab' }, 'ownCode'],
    [{ ownCode: 'balance acme-1' }, 'ownCode'],
    [{ startDay: '2026-05-02', endDay: '2026-05-01' }, 'endDay'],
    [{ endDay: '2026-03-01' }, 'endDay'],
    [{ name: ' ' }, 'name'],
  ] as const)('is refused with the field at fault: %j', async (wrong, field) => {
    const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
    await expect(createCampaign(owner, accountId, { ...CAMPAIGN, ...wrong })).rejects.toMatchObject({
      data: { fields: { [field]: expect.any(String) } },
    });
  });

  it('creates a thousand unique codes, and a custom code once', async () => {
    const { codes, accountId } = await world({ codes: 1000 });
    expect(new Set(codes.map(codeKey)).size).toBe(1000);
    const own = { ...CAMPAIGN, ownCode: 'Welcome 2026' };
    await createCampaign(owner, accountId, own);
    await expect(createCampaign(owner, accountId, { ...own, ownCode: 'WELCOME-2026' })).rejects.toMatchObject({
      code: 'credit_code_taken',
    });
  });
});
