import { describe, expect, it } from '@jest/globals';
import { toInput } from '../../../src/billing/group/billing-input.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { updateSettings } from '../../../src/services/accounts/settings.ts';
import { setBillingInformation } from '../../../src/services/groups/billing-information.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { dryRun } from '../../../src/services/invoicing/dry-run.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, GERMAN_BUYER, GERMAN_SELLER, importCosts, setParties } from '../../support/invoices/closed.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const { contactName: _name, ...SELLER_WITHOUT_CONTACT } = GERMAN_SELLER;
const { zipCode: _zip, city: _city, ...PLACELESS } = GERMAN_BUYER;
const BUYER_WITHOUT_PLACE = { ...PLACELESS, zipCode: '', city: '' };
const REASON =
  'The electronic invoice that the account requires can’t be generated. The seller has no contact (DE-R-005). ' +
  'The buyer has no city (DE-R-008). The buyer has no postal code (DE-R-009).';

async function incomplete(cost = '100', buyer = BUYER_WITHOUT_PLACE) {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  await importCosts(ctx, accountId, [costRow(cost)]);
  await setParties(accountId, { seller: SELLER_WITHOUT_CONTACT, buyer });
  await refreshEstimates(ctx);
  const group = await Groups.findOne({ accountId }).orFail().lean();
  const close = async () => closeInvoice(ctx, group, toPeriod('2026-10'));
  return { accountId, group, close };
}

describe('an invoice whose electronic form lacks something', () => {
  it('is issued where none is required, and its event says what was missing', async () => {
    const { accountId, close } = await incomplete();
    expect(await close()).toMatchObject({ outcome: 'issued' });
    const event = await Events.findOne({ accountId, type: 'invoice_issued' }).orFail().lean();
    expect(event.after).toMatchObject({
      notElectronic: [
        'The seller has no contact (DE-R-005).',
        'The buyer has no city (DE-R-008).',
        'The buyer has no postal code (DE-R-009).',
      ],
    });
  });

  it('is held back with what is missing where the account requires it, and issued once nothing is', async () => {
    const { accountId, group, close } = await incomplete();
    await updateSettings(ctx, accountId, { settings: { electronicInvoices: 'required' } });
    await refreshEstimates(ctx);
    expect((await dryRun(ctx, accountId)).entries).toMatchObject([{ heldBack: REASON }, {}]);
    expect(await close()).toEqual({ outcome: 'held_back', reason: REASON });

    await updateSettings(ctx, accountId, { settings: { contactName: 'Billing team' } });
    await setBillingInformation(ctx, { accountId, billingGroupId: group._id }, toInput(GERMAN_BUYER));
    await refreshEstimates(ctx);
    expect((await dryRun(ctx, accountId)).entries).toMatchObject([{ heldBack: null }, {}]);
    expect(await close()).toMatchObject({ outcome: 'issued' });
    const event = await Events.findOne({ accountId, type: 'invoice_issued' }).orFail().lean();
    expect(event.after).not.toHaveProperty('notElectronic');
  });

  it('is held back for a group with an electronic address alone, if that is what the account requires', async () => {
    const without = await incomplete();
    const withOne = await incomplete('100', { ...BUYER_WITHOUT_PLACE, electronicAddress: '9930:DE129273398' });
    const policy = { $set: { electronicInvoices: 'for_addresses' } };
    await Accounts.updateMany({ _id: { $in: [without.accountId, withOne.accountId] } }, policy);
    expect(await without.close()).toMatchObject({ outcome: 'issued' });
    expect(await withOne.close()).toEqual({ outcome: 'held_back', reason: REASON });
  });

  it('is issued if it is for nothing, which isn’t sent', async () => {
    const { accountId, close } = await incomplete('0');
    await updateSettings(ctx, accountId, { settings: { electronicInvoices: 'required' } });
    expect(await close()).toMatchObject({ outcome: 'issued' });
    const event = await Events.findOne({ accountId, type: 'invoice_issued' }).orFail().lean();
    expect(event.after).not.toHaveProperty('notElectronic');
  });
});
