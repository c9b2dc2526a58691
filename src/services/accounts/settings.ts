import {
  type AccountSettings,
  changedSettings,
  LATER_SETTINGS,
  type LaterSetting,
  SETTING_NAMES,
  type SettingName,
  settingOf,
  settingText,
} from '../../billing/account/account-settings.ts';
import { completeSeller, type Seller } from '../../billing/account/seller.ts';
import { nameKey } from '../../billing/group/names.ts';
import { DEFAULT_NUMBERING } from '../../billing/invoice/numbering.ts';
import { periodAt, spanOf } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { RefusalData } from '../../billing/refusals/index.ts';
import { setSettings } from '../../store/accounts/account-writes.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { hasPicture } from '../../store/accounts/pictures.ts';
import { hasImports } from '../../store/costs/import-queries.ts';
import { hasLoads } from '../../store/costs/loads.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import { activeGroupCurrencies } from '../../store/groups/group-reads.ts';
import { beginWithAtLatest } from '../../store/groups/group-writes.ts';
import { hasInvoices, invoicedPeriods } from '../../store/invoicing/invoice-reads.ts';
import { setPeriodSpan } from '../../store/invoicing/invoice-writes.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { beginSubscription, endSubscription } from '../../store/notices/subscriptions.ts';
import { admit } from '../access/rights.ts';
import { touchEstimates, touchOpenEstimates } from '../invoicing/estimates.ts';
import { assertNumbersFree } from '../invoicing/numbers-taken.ts';
import { inAccountChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { reconsiderCarriedOver } from '../settlement/uncharged-amounts.ts';
import { assertAccountNameFree } from './accounts.ts';
import { checkedSettings, withVatId } from './settings-input.ts';

/** The current settings. */
export interface SettingsNow {
  readonly settings: AccountSettings;
  /** Incremented with every change. People who change what they saw must name the version. */
  readonly version: number;
  /** Why the time zone can no longer be changed; undefined if it can. */
  readonly timeZoneFixed: RefusalData<'time_zone_fixed'>['because'] | undefined;
  readonly mayChange: boolean;
}

export interface SettingsChange {
  readonly settings: Partial<AccountSettings>;
  /** The version that the person saw. If absent, current values are overwritten. */
  readonly version?: number;
}

/** The account's settings, for all members; at most five queries. @throws {Refusal} `account_not_found` */
export async function settingsNow(ctx: Ctx, accountId: string): Promise<SettingsNow> {
  const { account, role } = await admit(ctx, accountId, 'see');
  return {
    settings: settingsOf(account),
    version: account.settingsVersion ?? 0,
    timeZoneFixed: await whyTimeZoneStays(account._id),
    mayChange: role === null || role === 'owner',
  };
}

/**
 * Changes settings, with one event for each changed setting that has its values before and after. Safe to repeat:
 * unchanged settings have no event. A new invoice prefix only affects later numbers.
 *
 * @returns the names of the changed settings
 * @throws {Refusal} `role_needed`, `invalid_input` with the fields at fault, `account_name_taken`, `time_zone_fixed`,
 * `numbers_taken` for a prefix that would repeat numbers, `settings_changed` with the differences if the version is out
 * of date
 */
export async function updateSettings(ctx: Ctx, accountId: string, change: SettingsChange): Promise<SettingName[]> {
  const wanted = checkedSettings(change.settings);
  return inAccountChange(ctx, accountId, 'administer', async (tx, { account }) => {
    const before = settingsOf(account);
    const after = withVatId(before, { ...before, ...wanted });
    const names = changedSettings(before, after);
    if (change.version !== undefined && change.version !== (account.settingsVersion ?? 0)) {
      throw changedMeanwhile(before, names);
    }
    if (names.length === 0) return names;
    if (names.includes('logo') && after.logo !== '' && !(await hasPicture(after.logo))) {
      throw new Refusal('invalid_input', { fields: { logo: 'Upload the logo as a PNG or JPEG picture.' } });
    }
    if (names.includes('name') && nameKey(after.name) !== account.nameKey) {
      await assertAccountNameFree(tx, account.teamId, after.name);
    }
    if (names.includes('invoicePrefix')) {
      const { numbering = DEFAULT_NUMBERING } = account;
      await assertNumbersFree(tx, accountId, { numbering, invoicePrefix: after.invoicePrefix }, 'invoicePrefix');
    }
    await setSettings(tx, accountId, stored(after));
    // open estimates are taxed by the seller's location, and held back by what its electronic invoices lack
    if (names.some((name) => TAXED_BY.has(name) || holdsBack(name))) await touchOpenEstimates(tx, { accountId });
    if (names.includes('smallCardAmounts')) {
      await reconsiderCarriedOver(tx, { accountId });
      tx.nudge('charges');
    }
    if (names.includes('timeZone')) await moveTimeZone(tx, { ...account, timeZone: after.timeZone });
    if (names.includes('financeChannelId'))
      await moveNews(tx, accountId, before.financeChannelId, after.financeChannelId);
    for (const name of names) await recordChange(tx, accountId, name, before, after);
    return names;
  });
}

/** Settings that affect the tax of open estimates. */
const TAXED_BY: ReadonlySet<SettingName> = new Set(SETTING_NAMES.filter((name) => settingOf(name).isTaxed));

/** Settings that decide whether an electronic invoice is required and can be made. */
function holdsBack(name: SettingName): boolean {
  return name === 'electronicInvoices' || settingOf(name).section === 'seller';
}

function settingsOf(account: AccountDoc): AccountSettings {
  const { who: approvalsWho, needed: approvalsNeeded } = account.approvalPolicy;
  const seller = completeSeller(account.seller);
  const known: AccountSettings = { ...account, ...seller, approvalsWho, approvalsNeeded, ...laterSettings(account) };
  // the account's settings without its other fields
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, known[name]])) as unknown as AccountSettings;
}

function stored(settings: AccountSettings): Partial<AccountDoc> {
  const { name, currency, timeZone, closeDelayHours, financeChannelId, invoicePrefix, approvalsChannelId } = settings;
  return {
    ...{ name, currency, timeZone, closeDelayHours, financeChannelId, invoicePrefix, approvalsChannelId },
    nameKey: nameKey(name),
    seller: sellerOf(settings),
    approvalPolicy: { who: settings.approvalsWho, needed: settings.approvalsNeeded },
    ...laterSettings(settings),
  };
}

/** Settings that a stored account may lack, with their values at that time. */
function laterSettings(given: Partial<AccountSettings>): Pick<AccountSettings, LaterSetting> {
  const values = LATER_SETTINGS.map((name) => [name, given[name] ?? settingOf(name).initial]);
  // a value for each of these settings: the stored one, or the initial value of its entry
  return Object.fromEntries(values) as Pick<AccountSettings, LaterSetting>;
}

const SELLER_PARTS = Object.keys(completeSeller({ legalName: '' })) as readonly (keyof Seller)[];

function sellerOf(settings: AccountSettings): Seller {
  // a value for each part
  return Object.fromEntries(SELLER_PARTS.map((name) => [name, settings[name]])) as unknown as Seller;
}

/** Saving a form that shows older values must not silently undo someone else's changes. */
function changedMeanwhile(now: AccountSettings, names: readonly SettingName[]): Refusal {
  const differing = names.map((name) => [
    name,
    name === 'logo' ? 'The logo has changed.' : `Current value: ${settingText(name, now[name])}.`,
  ]);
  return new Refusal('settings_changed', { fields: Object.fromEntries(differing) });
}

async function recordChange(
  tx: Change,
  accountId: string,
  name: SettingName,
  before: AccountSettings,
  after: AccountSettings,
): Promise<void> {
  const description = changeText(name, before, after);
  const values = { before: { [name]: before[name] }, after: { [name]: after[name] } };
  await tx.record({ accountId, type: 'account_updated', description, ...values });
}

function changeText(name: SettingName, before: AccountSettings, after: AccountSettings): string {
  if (name === 'name') return `Renamed account "${before.name}" to "${after.name}"`;
  if (name === 'logo') return after.logo === '' ? 'Removed the logo' : 'Changed the logo';
  const { logName, choices } = settingOf(name);
  const value = settingText(name, after[name]);
  return `Set ${logName} to ${choices ? `"${value}"` : value}`;
}

/** Every cost belongs to a month of the time zone, and every invoice was made in it. */
async function whyTimeZoneStays(accountId: string): Promise<SettingsNow['timeZoneFixed']> {
  if (await hasInvoices(accountId)) return 'invoices';
  if (await hasLoads(accountId)) return 'costs';
  if (await hasImports(accountId, ['queued', 'running', 'unconfirmed'])) return 'imports';
  return undefined;
}

/**
 * Open months start and end in the new zone. A group whose first month hasn't started there starts with the previous
 * month.
 */
async function moveTimeZone(tx: Change, account: AccountDoc): Promise<void> {
  const accountId = account._id;
  const because = await whyTimeZoneStays(accountId);
  if (because) throw new Refusal('time_zone_fixed', { because });
  const period = periodAt(tx.clock.now(), account.timeZone);
  await beginWithAtLatest(tx, accountId, period);
  for (const open of await invoicedPeriods(accountId)) {
    const { begin, end } = spanOf(open, account.timeZone);
    await setPeriodSpan(tx, accountId, open, { periodBegin: begin, periodEnd: end });
  }
  const groups = await activeGroupCurrencies(accountId);
  if (groups.length > 0) await touchEstimates(tx, account, period, groups);
}

/** The old channel gets no more notifications, and the new one gets those from now on. */
async function moveNews(tx: Tx, accountId: string, from: string | null, to: string | null): Promise<void> {
  if (from !== null) await endSubscription(tx, { accountId, channelId: from });
  if (to !== null)
    await beginSubscription(tx, { accountId, channelId: to, position: await lastEntryNumber(accountId) });
}
