import {
  type AccountSettings,
  SETTING_NAMES,
  type SettingName,
  settingOf,
} from '../src/billing/account/account-settings.ts';
import type { Setting, SettingKind } from '../src/billing/account/setting.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { assertNotSharedOutside } from '../src/slack/web-api/channels.ts';
import { openSettings, saveSettings } from '../views/account/settings.ts';
import { originOf } from '../views/kit/form.ts';
import { meant } from './parse/name-beginning.ts';
import { mayAdminister, unless } from './parse/who-may.ts';
import { phrase, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

type Change = Partial<AccountSettings>;

const SHARED_WAY_OUT = 'To use it anyway, type `/billing settings` and choose it in the form.';

type Reader = (words: readonly Word[], setting: Setting) => unknown;

/** How a value of each kind is typed. */
const READERS: Readonly<Record<SettingKind, Reader>> = {
  line: phrase,
  lines: (words) =>
    phrase(words)
      .split(/[,;]/)
      .map((line) => line.trim()),
  number: readNumber,
  days: (words) =>
    phrase(words)
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(Number),
  yes: readYes,
  channel: readChannel,
  currency: (words) => phrase(words).toUpperCase(),
  time_zone: (words) => phrase(words).replace(/\s+/g, '_'),
  country: phrase,
  choice: readChoice,
  logo: readLogo,
};

/** Settings that are read differently from others of their kind. */
const OWN_READERS: { readonly [K in SettingName]?: Reader } = {
  email: readAddress,
  invoicePrefix: (words) => phrase(words).toUpperCase(),
};

/** The settings by their typed names. */
const TYPED: ReadonlyMap<string, SettingName> = new Map(
  SETTING_NAMES.flatMap((name) => {
    const { word } = settingOf(name);
    return word === undefined ? [] : [[word, name]];
  }),
);
const WORDS: readonly string[] = [...TYPED.keys()];

export function settings(deps: Deps): Subcommand {
  return {
    name: 'settings',
    summary: 'Show or change the account’s settings.',
    usage: '[NAME VALUE]',
    examples: ['settings', 'settings prefix ACME-2', 'settings close-delay 48', 'settings approvals both'],
    topic: 'Account',
    partFor: unless(mayAdminister, {
      summary: 'Show the account’s settings.',
      usage: '',
      examples: ['settings'],
    }),
    async run(context, words) {
      const [first, ...rest] = words;
      if (!first) {
        await openSettings(context, async () => {
          const { ctx, account } = await callerOf(deps, context);
          return { ctx, origin: originOf(context, { account: account._id }) };
        });
        return;
      }
      const { ctx, account } = await callerOf(deps, context);
      const change = readChange(first, rest);
      for (const channel of [change.financeChannelId, change.approvalsChannelId]) {
        if (channel)
          await assertNotSharedOutside(context.client, channel, { field: 'channel', remedy: SHARED_WAY_OUT });
      }
      await context.respond(await saveSettings(context, ctx, account._id, change));
    },
  };
}

function readChange(first: Word, rest: readonly Word[]): Change {
  // the color's word was once in British spelling
  const [word, ...others] = meant(WORDS, first.text.replace(/colour/i, 'color'));
  const name = word === undefined ? undefined : TYPED.get(word);
  const spoken = (names: readonly string[]) => names.map((one) => one.replaceAll('_', '-')).join(', ');
  if (!word || !name || others.length > 0) {
    const problem = name ? `“${first.text}” matches several settings.` : `There is no setting “${first.text}”.`;
    const usage = name ? `Type one of ${spoken([word ?? '', ...others])}.` : `Settings: ${spoken(WORDS)}.`;
    throw new Refusal('invalid_command', { problem, usage });
  }
  if (rest.length === 0) {
    throw new Refusal('invalid_command', {
      problem: 'What is the new value?',
      usage: `Type \`/billing settings ${spoken([word])} VALUE\`.`,
    });
  }
  const setting = settingOf(name);
  const read = OWN_READERS[name] ?? READERS[setting.kind];
  return { [name]: read(isNothing(rest) && setting.isEmptiable ? [] : rest, setting) };
}

function isNothing(words: readonly Word[]): boolean {
  return words.length === 1 && words[0]?.text.toLowerCase() === 'none';
}

function readNumber(words: readonly Word[]): number {
  return Number(phrase(words) || Number.NaN);
}

function readYes(words: readonly Word[]): boolean {
  const [answer, ...others] = meant(['yes', 'no', 'on', 'off'] as const, phrase(words).toLowerCase());
  if (answer && others.length === 0) return answer === 'yes' || answer === 'on';
  throw new Refusal('invalid_command', {
    problem: `“${phrase(words)}” isn’t yes or no.`,
    usage: 'Type `yes` or `no`.',
  });
}

function readChannel(words: readonly Word[]): string | null {
  if (isNothing(words)) return null;
  const mention = words[0]?.mention;
  if (mention?.kind === 'channel') return mention.id;
  throw new Refusal('invalid_command', {
    problem: `“${phrase(words)}” isn’t a channel.`,
    usage: 'Mention the channel with #, or type `none`.',
  });
}

/** Slack turns an address into a link. */
function readAddress(words: readonly Word[]): string {
  const mention = words[0]?.mention;
  return mention?.kind === 'link' ? mention.url.replace(/^mailto:/, '') : phrase(words);
}

/** A logo can't be typed, only removed. */
function readLogo(words: readonly Word[]): string {
  if (words.length === 0) return '';
  throw new Refusal('invalid_command', {
    problem: 'A logo can’t be typed.',
    usage: 'Type `/billing settings` to upload a picture, or `/billing settings logo none` to remove the logo.',
  });
}

function readChoice(words: readonly Word[], { logName, choices = {} }: Setting): string {
  const values = Object.keys(choices);
  const [value, ...others] = meant(values, phrase(words).replace(/[\s-]+/g, '_'));
  if (value && others.length === 0) return value;
  throw new Refusal('invalid_command', {
    problem: `“${phrase(words)}” isn’t an option for ${logName}.`,
    usage: `Options: ${values.map((one) => one.replaceAll('_', '-')).join(', ')}.`,
  });
}
