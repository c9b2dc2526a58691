import { describe, expect, it } from '@jest/globals';
import type { KnownBlock } from '@slack/types';
import {
  LATER_SETTINGS,
  SETTING_NAMES,
  settingOf,
  settingsSchema,
} from '../../src/billing/account/account-settings.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { factsModal } from '../../views/account/settings.ts';
import { readSettings, settingsForm } from '../../views/account/settings-form.ts';
import { SAMPLE_SETTINGS } from '../billing/account/sample-settings.ts';

const form = settingsForm(
  { account: 'acc_1', group: '', more: {} },
  { version: 1, timeZoneFixed: undefined },
  SAMPLE_SETTINGS,
);

/** What Slack sends for an untouched input. */
function untouched(block: KnownBlock): string | readonly string[] | null {
  const element = block.type === 'input' ? block.element : undefined;
  switch (element?.type) {
    case 'plain_text_input':
    case 'number_input':
      return element.initial_value ?? null;
    case 'external_select':
    case 'static_select':
      return element.initial_option?.value ?? null;
    case 'conversations_select':
      return element.initial_conversation ?? null;
    case 'checkboxes':
      return (element.initial_options ?? []).map(({ value }) => value ?? '');
    default:
      return null;
  }
}

const blocks = new Map(form.blocks.map((block) => [block.block_id ?? '', block as KnownBlock]));
const shown = Object.fromEntries([...blocks].map(([id, block]) => [id, untouched(block)]));

describe.each(SETTING_NAMES)('the setting %s', (name) => {
  const setting = settingOf(name);

  it('is in the form, and can be read back as shown', () => {
    expect(blocks.get(setting.block?.id ?? name)?.type).toBe('input');
    const { settings } = readSettings(shown);
    // a logo is uploaded
    if (setting.kind !== 'logo') expect(settings[name]).toEqual(SAMPLE_SETTINGS[name]);
  });

  it('is validated by its schema, which keeps valid values', () => {
    expect(settingsSchema.parse({ [name]: SAMPLE_SETTINGS[name] })).toEqual({ [name]: SAMPLE_SETTINGS[name] });
    expect(settingsSchema.safeParse({ [name]: { not: 'a value' } }).success).toBe(false);
  });

  it('is shown to those who can’t change it if its entry says so', () => {
    const facts = JSON.stringify(factsModal(SAMPLE_SETTINGS));
    expect(setting.fact === undefined || facts.includes(`*${setting.fact}*`)).toBe(true);
  });
});

it('settings that older accounts lack have a valid default', () => {
  for (const name of LATER_SETTINGS) {
    expect([name, Accounts.schema.path(name) !== undefined]).toEqual([name, true]);
    const { initial } = settingOf(name);
    expect(settingsSchema.parse({ [name]: initial })).toEqual({ [name]: initial });
  }
});

it('no two settings share a word or a log name', () => {
  const words = SETTING_NAMES.map((name) => settingOf(name).word).filter((word) => word !== undefined);
  expect(new Set(words).size).toBe(words.length);
  expect(new Set(SETTING_NAMES.map((name) => settingOf(name).logName)).size).toBe(SETTING_NAMES.length);
});
