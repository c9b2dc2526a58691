import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { viesOffice } from '../../../src/adapters/vies/vies.ts';
import type { BillingInput } from '../../../src/billing/group/billing-input.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { silentLogger } from '../../../src/platform/logger.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import {
  billingOf,
  checkVatIds,
  setBillingInformation,
  setCurrency,
  type VatOffice,
  versionOf,
} from '../../../src/services/groups/billing-information.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import {
  addCard,
  announceCards,
  createMethod,
  deleteMethod,
  listMethods,
  setMethod,
} from '../../../src/services/settlement/payment-methods.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const ACME: BillingInput = {
  company: 'Acme GmbH',
  address: 'Hauptstraße 1\n2. Stock',
  city: 'Berlin',
  state: '',
  zipCode: '10115',
  countryCode: 'DE',
  vatId: 'de 136 695 976',
  billingEmails: 'pay@acme.example, ap@acme.example\npay@acme.example',
  contactEmails: '',
  extraText: 'PO 4711',
};
const CARD = {
  token: 'tok_12345678',
  brand: 'Visa',
  last4: '4242',
  expMonth: 4,
  expYear: 2026,
  name: 'A. Cme',
  countryCode: 'DE',
};

async function world() {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  const group = await createGroup(ctx, { accountId, name: 'Blue' });
  return { accountId, billingGroupId: group._id };
}
const descriptions = async (accountId: string) =>
  (await Events.find({ accountId }).sort({ _id: 1 }).lean()).map((event) => event.description);

describe('billing information', () => {
  it('is stored in its normal form, with an event for each change', async () => {
    const of = await world();
    await setBillingInformation(ctx, of, ACME);
    const { billing } = await billingOf(ctx, of.accountId, of.billingGroupId);
    expect(billing).toMatchObject({
      addressLines: ['Hauptstraße 1', '2. Stock'],
      vatId: 'DE136695976',
      vatState: 'unconfirmed',
      billingEmails: ['pay@acme.example', 'ap@acme.example'],
    });
    const said = await descriptions(of.accountId);
    for (const text of [
      'Set company to Acme GmbH',
      'Set country to Germany',
      'Set billing email address to pay@acme.example, ap@acme.example',
      'Set VAT ID state to unconfirmed',
    ]) {
      expect(said).toContain(text);
    }
    await setBillingInformation(ctx, of, ACME);
    expect(await descriptions(of.accountId)).toEqual(said);
  });

  it.each([
    [{ company: 'x'.repeat(84) }, 'company'],
    [{ address: 'a\nb\nc\nd' }, 'address'],
    [{ city: 'x'.repeat(51) }, 'city'],
    [{ state: 'x'.repeat(31) }, 'state'],
    [{ zipCode: '1'.repeat(37) }, 'zipCode'],
    [{ countryCode: 'XX' }, 'countryCode'],
    [{ vatId: 'DE136695977' }, 'vatId'],
    [{ billingEmails: 'nobody' }, 'billingEmails'],
    [{ contactEmails: Array.from({ length: 11 }, (_, at) => `a${at}@b.example`).join(' ') }, 'contactEmails'],
    [{ extraText: 'x'.repeat(1001) }, 'extraText'],
  ] as const)('is refused with the invalid field: %j', async (wrong, field) => {
    const of = await world();
    await expect(setBillingInformation(ctx, of, { ...ACME, ...wrong })).rejects.toMatchObject({
      data: { fields: { [field]: expect.any(String) } },
    });
  });

  it('changed by someone else meanwhile isn’t overwritten without notice', async () => {
    const of = await world();
    const seen = versionOf((await billingOf(ctx, of.accountId, of.billingGroupId)).billing);
    await setBillingInformation(ctx, { ...of, version: seen }, ACME);
    await expect(setBillingInformation(ctx, { ...of, version: seen }, { ...ACME, city: 'Bonn' })).rejects.toMatchObject(
      {
        code: 'changed_meanwhile',
      },
    );
  });
});

describe('the tax office', () => {
  const office = (answer: Awaited<ReturnType<VatOffice['check']>>): VatOffice => ({ check: async () => answer });
  const stateOf = async (id: string) => (await Groups.findById(id).orFail().lean()).billing.vatState;

  it('confirms or rejects a VAT ID once, with an event', async () => {
    const of = await world();
    await setBillingInformation(ctx, of, ACME);
    await Promise.all([1, 2].map(() => checkVatIds(ctx, office('valid'))));
    expect(await stateOf(of.billingGroupId)).toBe('valid');
    expect((await descriptions(of.accountId)).filter((text) => text === 'Set VAT ID state to valid')).toHaveLength(1);
    // another number must be confirmed again
    await setBillingInformation(ctx, of, { ...ACME, vatId: 'DE 111 111 125' });
    expect(await stateOf(of.billingGroupId)).toBe('unconfirmed');
    await checkVatIds(ctx, office('invalid'));
    expect(await stateOf(of.billingGroupId)).toBe('invalid');
  });

  it('that doesn’t answer is asked again with growing pauses, and delays nothing', async () => {
    const of = await world();
    await setBillingInformation(ctx, of, ACME);
    await checkVatIds(ctx, office('unavailable'));
    const first = await Groups.findById(of.billingGroupId).orFail().lean();
    expect(first).toMatchObject({ vatTries: 1, vatCheckAt: new Date('2026-03-20T12:01:00Z') });
    await checkVatIds(ctx, office('valid'));
    expect(await stateOf(of.billingGroupId)).toBe('unconfirmed');
    clock.set('2026-03-20T12:01:00Z');
    await checkVatIds(ctx, office('valid'));
    expect(await stateOf(of.billingGroupId)).toBe('valid');
    clock.set('2026-03-20T12:00:00Z');
  });

  it('confirms only the number that it was asked about', async () => {
    const of = await world();
    await setBillingInformation(ctx, of, ACME);
    const slow: VatOffice = {
      async check() {
        await setBillingInformation(ctx, of, { ...ACME, vatId: 'DE111111125' });
        return 'valid';
      },
    };
    await checkVatIds(ctx, slow);
    expect(await stateOf(of.billingGroupId)).toBe('unconfirmed');
  });

  it('isn’t asked about numbers from other countries', async () => {
    const of = await world();
    await setBillingInformation(ctx, of, { ...ACME, countryCode: 'CH', vatId: 'CHE-107.787.577 IVA' });
    expect(await Groups.findById(of.billingGroupId).lean()).toMatchObject({ vatCheckAt: null });
  });
});

describe('VIES over HTTP', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  async function asking(status: number, body: string): Promise<[string, string]> {
    let asked = '';
    server = createServer((request, response) => {
      request.on('data', (chunk) => {
        asked += chunk;
      });
      request.on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const answer = await viesOffice(`http://127.0.0.1:${port}/`, silentLogger()).check('GR', 'EL023456780');
    return [answer, asked];
  }

  it.each([
    [200, '{"valid":true}', 'valid'],
    [200, '{"valid":false,"userError":"INVALID"}', 'invalid'],
    [200, '{"isValid":false}', 'invalid'],
    [200, '{"valid":false,"userError":"MS_UNAVAILABLE"}', 'unavailable'],
    [200, '{"actionSucceed":false,"errorWrappers":[{"error":"MS_MAX_CONCURRENT_REQ"}]}', 'unavailable'],
    [500, '{}', 'unavailable'],
    [503, 'busy', 'unavailable'],
  ])('%i %s is %s', async (status, body, expected) => {
    const [answer, asked] = await asking(status, body);
    expect(answer).toBe(expected);
    expect(JSON.parse(asked)).toEqual({ countryCode: 'EL', vatNumber: '023456780' });
  });

  it('that can’t be reached is unavailable', async () => {
    expect(await viesOffice('http://127.0.0.1:1/', silentLogger()).check('DE', 'DE136695976')).toBe('unavailable');
  });
});

describe('a group’s currency', () => {
  it('can change while there are no amounts in another one, and not after', async () => {
    const of = await world();
    await setCurrency(ctx, { ...of, currency: 'USD' });
    expect(await Groups.findById(of.billingGroupId).lean()).toMatchObject({ currency: 'USD' });
    await createGroup(ctx, { accountId: of.accountId, name: 'Other' });
    const head =
      'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';
    const file = () => Readable.from([Buffer.from(`${head}\nb1,USD,1.00,Usage,2026-03-05,2026-03-06,S,p1\n`)]);
    const { project } = await (await import('../../../src/services/projects/projects.ts')).createProject(ctx, {
      accountId: of.accountId,
      name: 'p1',
      billingGroupId: of.billingGroupId,
    });
    await (await import('../../../src/store/groups/groups.ts')).Projects.updateOne(
      { _id: project._id },
      { $set: { externalId: 'p1' } },
    );
    await importFocus(ctx, { accountId: of.accountId, fileName: 'x.csv', replace: false, open: file });
    await expect(setCurrency(ctx, { ...of, currency: 'EUR' })).rejects.toMatchObject({ code: 'currency_in_use' });
  });
});

describe('payment methods', () => {
  it('are shared by groups, and used by the close', async () => {
    const of = await world();
    const other = await createGroup(ctx, { accountId: of.accountId, name: 'Red' });
    const { id } = await createMethod(ctx, of.accountId, { kind: 'bank_transfer', currency: 'EUR', termsDays: 30 });
    for (const billingGroupId of [of.billingGroupId, other._id])
      await setMethod(ctx, { ...of, billingGroupId, paymentMethodId: id });
    expect((await listMethods(ctx, of.accountId))[0]?.groups.map(({ name }) => name)).toEqual(['Blue', 'Red']);
    clock.set('2026-04-03T00:00:00Z');
    await closeInvoice(ctx, { _id: of.billingGroupId, accountId: of.accountId }, toPeriod('2026-03'));
    const invoice = await Invoices.findOne({ billingGroupId: of.billingGroupId, period: toPeriod('2026-03') })
      .orFail()
      .lean();
    expect(invoice.snapshot?.paymentMethod).toMatchObject({ kind: 'bank_transfer', termsDays: 30 });
    clock.set('2026-03-20T12:00:00Z');
  });

  it('in use can’t be deleted, and simultaneous deletion and selection have one winner', async () => {
    const of = await world();
    const { id } = await createMethod(ctx, of.accountId, { kind: 'no_payment_expected' });
    await setMethod(ctx, { ...of, paymentMethodId: id });
    await expect(deleteMethod(ctx, of.accountId, id)).rejects.toMatchObject({ code: 'payment_method_in_use' });
    for (let round = 0; round < 5; round++) {
      const fresh = await createMethod(ctx, of.accountId, { kind: 'disabled' });
      const both = await Promise.allSettled([
        deleteMethod(ctx, of.accountId, fresh.id),
        setMethod(ctx, { ...of, paymentMethodId: fresh.id }),
      ]);
      expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const { paymentMethodId } = await Groups.findById(of.billingGroupId).orFail().lean();
      const there = (await listMethods(ctx, of.accountId)).map((one) => one.id);
      expect(there).toContain(paymentMethodId);
    }
  });

  it('by bank transfer are in the group’s currency', async () => {
    const of = await world();
    const { id } = await createMethod(ctx, of.accountId, { kind: 'bank_transfer', currency: 'USD' });
    await expect(setMethod(ctx, { ...of, paymentMethodId: id })).rejects.toMatchObject({ code: 'wrong_currency' });
    await expect(createMethod(ctx, of.accountId, { kind: 'bank_transfer', currency: 'XYZ' })).rejects.toMatchObject({
      data: { fields: { currency: expect.any(String) } },
    });
    await expect(
      createMethod(ctx, of.accountId, { kind: 'bank_transfer', currency: 'EUR', termsDays: 400 }),
    ).rejects.toMatchObject({ data: { fields: { termsDays: expect.any(String) } } });
  });

  it('that are cards are announced once before they expire, if a group uses them', async () => {
    const of = await world();
    const { id } = await addCard(ctx, of.accountId, CARD);
    const events = () => Events.countDocuments({ accountId: of.accountId, type: 'payment_card_expiring' });
    clock.set('2026-04-02T00:00:00Z');
    await announceCards(ctx);
    expect(await events()).toBe(0);
    await setMethod(ctx, { ...of, paymentMethodId: id });
    await Promise.all([1, 2, 3].map(() => announceCards(ctx)));
    await announceCards(ctx);
    expect(await events()).toBe(1);
    clock.set('2026-03-20T12:00:00Z');
  });
});
