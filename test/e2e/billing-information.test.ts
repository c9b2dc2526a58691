import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setBillingInformation } from '../../src/services/groups/billing-information.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { addCard } from '../../src/services/settlement/payment-methods.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { PaymentMethods } from '../../src/store/settlement/payment-methods.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

useDatabase(migrate);

const PAN = '4111 1111 1111 1111';
const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';
let blue = '';

beforeAll(async () => {
  product = await startProduct(clock, { vatOffice: { check: async () => 'valid' } });
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0MEMBER'] });
  blue = (await createGroup(ctx, { accountId, name: 'Blue' }))._id;
});
afterAll(() => product.stop());

async function openForm(user: string): Promise<void> {
  await open(user, '/billing info Blue', 'Printed on the invoice');
  await clickFor(user, 'billing.edit.open', 'Contacts for questions');
}

describe('billing information', () => {
  it('shows errors under each field, and keeps what was typed', async () => {
    await openForm('U0ADMIN');
    await as('U0ADMIN').suggest({ actionId: 'billing.country' }, 'germ');
    const errors = await errorsOf('U0ADMIN', {
      company: 'x'.repeat(90),
      'billing.country': 'DE',
      vatId: 'DE136695977',
      billingEmails: 'a@b.example\nnobody',
    });
    expect(errors).toEqual({
      company: expect.stringContaining('83'),
      vatId: expect.stringContaining('check digits'),
      billingEmails: expect.stringContaining('nobody'),
    });
    await submitFor(
      'U0ADMIN',
      { company: 'Acme <!here> GmbH', vatId: 'DE136695976', billingEmails: 'a@b.example' },
      'applies once',
    );
    await as('U0ADMIN').close();
    const tab = said(await modalSaying('U0ADMIN', 'not confirmed yet'));
    expect(tab).toContain('Acme &lt;!here&gt; GmbH');
    expect(tab).toContain('Germany');
  });

  it('has its VAT ID confirmed by the tax office, with an event', async () => {
    await product.settle();
    await open('U0ADMIN', '/billing info Blue', '(confirmed)');
    expect(await Events.countDocuments({ accountId, description: 'Set VAT ID state to valid' })).toBe(1);
  });

  it('changed by someone else meanwhile is shown again with what was typed, and saved on the second try', async () => {
    await openForm('U0ADMIN');
    const { company, ...rest } = {
      company: 'Other',
      address: '',
      city: '',
      state: '',
      zipCode: '',
      countryCode: 'DE',
      vatId: 'DE136695976',
      billingEmails: '',
      contactEmails: '',
      extraText: '',
    };
    await setBillingInformation(ctx, { accountId, billingGroupId: blue }, { company, ...rest });
    const again = await submitFor('U0ADMIN', { company: 'Mine' }, 'after you opened');
    expect(said(again)).toContain('"Mine"');
    await submitFor('U0ADMIN', {}, 'Saved');
    expect(await Groups.findById(blue).lean()).toMatchObject({ billing: { company: 'Mine' } });
  });

  it('is visible to everybody, and changed only by those with permission', async () => {
    const view = said(await open('U0MEMBER', '/billing info Blue', 'Printed on the invoice'));
    expect(view).not.toContain('billing.edit.open');
    expect(said(await open('U0MEMBER', '/billing info Nowhere', 'no billing group named'))).not.toContain('Blue');
  });

  it('includes the currency while it can be changed', async () => {
    await open('U0ADMIN', '/billing info Blue', 'Printed on the invoice');
    await clickFor('U0ADMIN', 'billing.currency.open', 'can only change while');
    await as('U0ADMIN').suggest({ actionId: 'billing.currency.select' }, 'usd');
    await submitFor('U0ADMIN', { 'billing.currency.select': 'USD' }, 'New invoices will be in USD');
    expect(await Groups.findById(blue).lean()).toMatchObject({ currency: 'USD' });
  });
});

describe('a full card number', () => {
  it('is refused under the field where it was typed, before anything reads it', async () => {
    await openForm('U0ADMIN');
    expect(await errorsOf('U0ADMIN', { extraText: `card ${PAN}` })).toEqual({
      extraText: expect.stringContaining('card number'),
    });
    expect(JSON.stringify(await Groups.find().lean())).not.toContain('4111');
  });

  it('is refused in a command and in a menu', async () => {
    expect(said(await ask('U0ADMIN', `/billing create ${PAN}`))).toContain('card number');
    expect(await Groups.countDocuments({ accountId })).toBe(1);
    await openForm('U0ADMIN');
    expect((await as('U0ADMIN').suggest({ actionId: 'billing.country' }, PAN)).options).toEqual([]);
  });
});

describe('payment methods', () => {
  const home = async (user: string) => {
    await as(user)
      .close(true)
      .catch(() => []);
    await as(user).openHome();
    await as(user).waitFor(() => as(user).home());
  };

  it('are created, changed and chosen for a group', async () => {
    await home('U0ADMIN');
    await as('U0ADMIN').click({ home: true, actionId: 'payment.list.open' });
    await modalSaying('U0ADMIN', 'No payment methods yet');
    await clickFor('U0ADMIN', 'payment.create.open', 'Payment terms in days');
    const again = await submitFor('U0ADMIN', { termsDays: '500' }, 'Enter at most 365 days');
    expect(said(again)).toContain('500');
    await as('U0ADMIN').suggest({ actionId: 'payment.currency' }, 'usd');
    await submitFor('U0ADMIN', { termsDays: '30', 'payment.currency': 'USD' }, 'Saved');
    await as('U0ADMIN').close();
    await modalSaying('U0ADMIN', 'Bank transfer in USD, 30 days');
    await open('U0ADMIN', '/billing info Blue', 'Printed on the invoice');
    await clickFor('U0ADMIN', 'payment.choose.open', 'Payment method for this group');
    const { _id } = await PaymentMethods.findOne({ accountId }).orFail().lean();
    await submitFor('U0ADMIN', { method: _id }, 'Saved');
    await as('U0ADMIN').close();
    await modalSaying('U0ADMIN', 'Bank transfer in USD, 30 days');
  });

  it('in use can’t be deleted, and the refusal names the groups', async () => {
    await home('U0ADMIN');
    await as('U0ADMIN').click({ home: true, actionId: 'payment.list.open' });
    await modalSaying('U0ADMIN', 'used by Blue');
    await clickFor('U0ADMIN', 'payment.delete', 'This payment method is used by');
    expect(await PaymentMethods.countDocuments({ accountId })).toBe(1);
  });

  it('that are cards show only what their provider reveals', async () => {
    await addCard(ctx, accountId, {
      token: 'tok_secret_12345',
      brand: 'Visa',
      last4: '4242',
      expMonth: 4,
      expYear: 2026,
    });
    await home('U0ADMIN');
    await as('U0ADMIN').click({ home: true, actionId: 'payment.list.open' });
    const list = said(await modalSaying('U0ADMIN', 'Visa •••• 4242, until 04/2026'));
    expect(list).not.toContain('tok_secret');
  });

  it('can’t be changed by a member', async () => {
    await home('U0MEMBER');
    expect(said(as('U0MEMBER').home() ?? ({} as never))).not.toContain('payment.list.open');
    const { _id } = await PaymentMethods.findOne({ accountId, 'method.kind': 'bank_transfer' }).orFail().lean();
    const { deleteMethod } = await import('../../src/services/settlement/payment-methods.ts');
    const member = { ...ctx, actor: { kind: 'person', teamId: TEAM_ID, userId: 'U0MEMBER' } as const };
    await expect(deleteMethod(member, accountId, _id)).rejects.toMatchObject({ code: 'role_needed' });
  });

  it('that expire soon are announced once in the finance channel', async () => {
    const { _id } = await PaymentMethods.findOne({ accountId, 'method.kind': 'credit_card' }).orFail().lean();
    await Groups.updateOne({ _id: blue }, { $set: { paymentMethodId: _id } });
    clock.set('2026-04-02T12:00:00Z');
    await product.settle();
    await product.settle();
    const told = as('U0OWNER')
      .messages(FINANCE)
      .filter(({ text }) => text.includes('expires soon'));
    expect(told).toHaveLength(1);
    expect(said(told[0] as never)).toContain('Open group');
  });
});
