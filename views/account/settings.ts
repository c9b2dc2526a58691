import type { ModalView } from '@slack/types';
import {
  type AccountSettings,
  SETTING_NAMES,
  type SettingName,
  settingOf,
  settingText,
} from '../../src/billing/account/account-settings.ts';
import type { SettingSection } from '../../src/billing/account/setting.ts';
import { countryName } from '../../src/billing/group/country.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { keepLogo } from '../../src/services/accounts/logos.ts';
import { settingsNow, updateSettings } from '../../src/services/accounts/settings.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions, type RequestContext } from '../../src/slack/app/listeners.ts';
import { context, fields, header, modal, section } from '../../src/slack/blocks/blocks.ts';
import { channelMention, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { refusalInFull } from '../../src/slack/refusal-texts/index.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { inviteFirst, isSharedOutside, sharedOutsideWarning } from '../../src/slack/web-api/channels.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { readTarget } from '../kit/action-target.ts';
import { currencyChoices, matching } from '../kit/choices.ts';
import { count } from '../kit/figures.ts';
import { onForm, openForm, originOf } from '../kit/form.ts';
import { SETTINGS_OPEN } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';
import {
  COUNTRY_CHOICES,
  COUNTRY_MENU,
  CURRENCY_MENU,
  readSettings,
  SETTINGS,
  SETTINGS_TITLE,
  settingsForm,
  type TypedSettings,
  ZONE_CHOICES,
  ZONE_MENU,
} from './settings-form.ts';

/** Opens an account's settings: a form for owners, the values for everybody else. */
export async function openSettings(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin }>,
): Promise<void> {
  await openForm(request, SETTINGS_TITLE, async () => {
    const { ctx, origin } = await find();
    const now = await settingsNow(ctx, origin.account);
    return now.mayChange ? settingsForm(origin, now, now.settings) : factsModal(now.settings);
  });
}

export function registerSettings(app: SlackApp, deps: Deps): void {
  onAction(app, SETTINGS_OPEN, (request, action) =>
    openSettings(request, async () => ({
      ctx: contextOf(deps, request),
      origin: originOf(request, { account: readTarget(action.value).account }),
    })),
  );
  onOptions(app, ZONE_MENU, async (_request, { typed }) => matching(ZONE_CHOICES, typed));
  onOptions(app, CURRENCY_MENU, async (_request, { typed }) => currencyChoices(typed));
  onOptions(app, COUNTRY_MENU, async (_request, { typed }) => matching(COUNTRY_CHOICES, typed));
  onForm<TypedSettings>(app, deps, SETTINGS, {
    title: SETTINGS_TITLE,
    parse: (values) => ({ ok: readSettings(values) }),
    async again(typed, origin, fault, ctx) {
      const now = await settingsNow(ctx, origin.account);
      // a logo that was to be removed is still there, with the checkbox that removes it
      return settingsForm(origin, now, { ...now.settings, ...typed.settings, logo: now.settings.logo }, fault);
    },
    async work(ctx, { settings, logoFile }, origin, request) {
      const { account, more } = origin;
      const warning = await warningOf(ctx, request, settings, origin);
      if (warning) return warning;
      const logo = logoFile === undefined ? {} : { logo: await uploadedLogo(request, ctx, account, logoFile) };
      return saveSettings(request, ctx, account, { ...settings, ...logo }, Number(more.version));
    },
  });
}

/**
 * The form again with a warning about newly chosen channels that are shared with other organizations; undefined if none
 * are.
 */
async function warningOf(
  ctx: Ctx,
  request: RequestContext,
  chosen: Partial<AccountSettings>,
  origin: Origin,
): Promise<ModalView | undefined> {
  const now = await settingsNow(ctx, origin.account);
  const current = now.settings;
  const known = [current.financeChannelId, current.approvalsChannelId, ...(origin.more.warned ?? '').split(' ')];
  const shared: string[] = [];
  for (const channel of new Set([chosen.financeChannelId, chosen.approvalsChannelId])) {
    if (channel && !known.includes(channel) && (await isSharedOutside(request.client, channel))) shared.push(channel);
  }
  if (shared.length === 0) return undefined;
  const asked = { ...origin, more: { ...origin.more, warned: shared.join(' ') } };
  const words = `${shared.map(sharedOutsideWarning).join(' ')} Choose another channel, or save again to use it anyway.`;
  return settingsForm(asked, now, { ...current, ...chosen, logo: current.logo }, words);
}

/**
 * Changes settings, and joins the channels that will get notifications.
 *
 * @returns the result, as mrkdwn
 */
export async function saveSettings(
  request: RequestContext,
  ctx: Ctx,
  account: string,
  settings: Partial<AccountSettings>,
  version?: number,
): Promise<string> {
  const changed = await updateSettings(ctx, account, { settings, ...(version !== undefined && { version }) });
  if (changed.length === 0) return 'No settings changed.';
  const channels = [
    joins(changed, 'financeChannelId') ? settings.financeChannelId : null,
    joins(changed, 'approvalsChannelId') ? settings.approvalsChannelId : null,
  ];
  const lines = [`Saved: ${count(changed.length, 'setting')} changed.`];
  for (const channel of new Set(channels)) {
    if (channel && !(await joined(request, channel))) {
      lines.push(inviteFirst(channel));
    }
  }
  return lines.join('\n');
}

/** Stores the image that a person uploaded into the form. @returns its hash */
async function uploadedLogo(request: RequestContext, ctx: Ctx, account: string, fileId: string): Promise<string> {
  try {
    return await keepLogo(ctx, account, () => new Messenger(request.client).download(fileId));
  } catch (error) {
    if (error instanceof Refusal) throw atLogo(error);
    request.log.warn({ err: error }, 'an uploaded picture could not be downloaded');
    throw new Refusal('picture_unavailable', {}, { fields: ['logo'], cause: error });
  }
}

/** Reports a file that can't be read at its field. */
function atLogo(refusal: Refusal): Refusal {
  if (!refusal.code.startsWith('file_')) return refusal;
  return new Refusal('invalid_input', { fields: { logo: refusalInFull(refusal) } }, { cause: refusal });
}

function joins(changed: readonly SettingName[], name: SettingName): boolean {
  return changed.includes(name);
}

function joined(request: RequestContext, channel: string): Promise<boolean> {
  return request.client.conversations.join({ channel }).then(
    () => true,
    () => false,
  );
}

/** The settings, for people who can't change them. */
export function factsModal(settings: AccountSettings): ModalView {
  const { legalName, addressLines, zipCode, city, countryCode } = settings;
  const place = [zipCode, city].filter(Boolean).join(' ');
  const country = countryCode === '' ? '' : countryName(countryCode);
  const address = [legalName, ...addressLines, place, country].filter((line) => line !== '');
  const of = (part: SettingSection, isShown: (name: SettingName) => boolean = () => true) => {
    const facts = SETTING_NAMES.filter((name) => settingOf(name).section === part && isShown(name));
    const rows = facts.flatMap((name) => factOf(name, settings));
    return rows.length === 0 ? [] : [fields(rows)];
  };
  return modal({
    title: SETTINGS_TITLE,
    blocks: [
      ...of('account'),
      header('Seller'),
      section(address.map(escapeMrkdwn).join('\n')),
      ...of('seller', (name) => settings[name] !== ''),
      header('Invoices'),
      ...of('invoices'),
      header('Project moves'),
      ...of('moves'),
      context('Owners can change these.'),
    ],
  });
}

/** A setting as a row, in mrkdwn; none if it isn't shown. */
function factOf(name: SettingName, settings: AccountSettings): string[] {
  const { fact, kind } = settingOf(name);
  const value = settings[name];
  if (fact === undefined) return [];
  if (kind === 'channel') return [`*${fact}*\n${channelText(typeof value === 'string' ? value : null)}`];
  const text = FACT_TEXTS[name]?.(settings) ?? settingText(name, value);
  return [`*${fact}*\n${escapeMrkdwn(text)}`];
}

/** Settings whose text differs from their value. */
const FACT_TEXTS: { readonly [K in SettingName]?: (settings: AccountSettings) => string } = {
  timeZone: ({ timeZone }) => timeZone.replaceAll('_', ' '),
  closeDelayHours: ({ closeDelayHours }) => `${count(closeDelayHours, 'hour')} after they end`,
  logo: ({ logo }) => (logo === '' ? 'none' : 'set'),
};

function channelText(channelId: string | null): string {
  return channelId === null ? 'none' : channelMention(channelId);
}
