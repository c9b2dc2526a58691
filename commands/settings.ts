import type { AccountSettings } from '../src/billing/account/account-settings.ts';
import { SMALL_AMOUNT_POLICIES, type SmallAmountPolicy } from '../src/billing/group/payment-method.ts';
import { APPROVING } from '../src/billing/move/approval.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { assertNotSharedOutside } from '../src/slack/web-api/channels.ts';
import { openSettings, saveSettings } from '../views/account/settings.ts';
import { originOf } from '../views/kit/form.ts';
import { meant } from './parse/name-beginning.ts';
import { phrase, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

type Change = Partial<AccountSettings>;

const SHARED_WAY_OUT = 'To use it anyway, type `/billing settings` and choose it in the form.';

/** What can be set, by the words that people type for it. */
const SETTERS = {
  name: (words) => ({ name: phrase(words) }),
  currency: (words) => ({ currency: phrase(words).toUpperCase() }),
  time_zone: (words) => ({ timeZone: phrase(words).replace(/\s+/g, '_') }),
  close_delay: (words) => ({ closeDelayHours: readNumber(words) }),
  finance_channel: (words) => ({ financeChannelId: readChannel(words) }),
  seller: (words) => ({ legalName: phrase(words) }),
  address: (words) => ({
    addressLines: phrase(words)
      .split(/[,;]/)
      .map((line) => line.trim()),
  }),
  postal_code: (words) => ({ zipCode: phrase(words) }),
  city: (words) => ({ city: phrase(words) }),
  country: (words) => ({ countryCode: phrase(words) }),
  vat_id: (words) => ({ vatId: phrase(words) }),
  tax_number: (words) => ({ taxNumber: phrase(words) }),
  tax_number_sufficient: (words) => ({ isTaxNumberSufficient: readYes(words) }),
  one_stop_shop: (words) => ({ isOssRegistered: readYes(words) }),
  exports_goods: (words) => ({ exportsGoods: readYes(words) }),
  iban: (words) => ({ iban: phrase(words) }),
  bic: (words) => ({ bic: phrase(words) }),
  bank: (words) => ({ bankName: phrase(words) }),
  email: (words) => ({ email: readAddress(words) }),
  accent_colour: (words) => ({ colour: phrase(words) }),
  logo: (words) => ({ logo: readLogo(words) }),
  prefix: (words) => ({ invoicePrefix: phrase(words).toUpperCase() }),
  approvals: (words) => ({ approvalsWho: readApproving(words) }),
  approvals_needed: (words) => ({ approvalsNeeded: readNumber(words) }),
  move_reminder_hours: (words) => ({ moveReminderHours: readNumber(words) }),
  move_expiry_days: (words) => ({ moveExpiryDays: readNumber(words) }),
  small_card_amounts: (words) => ({ smallCardAmounts: readSmallAmounts(words) }),
  approvals_channel: (words) => ({ approvalsChannelId: readChannel(words) }),
} as const satisfies Record<string, (words: readonly Word[]) => Change>;
type Setter = keyof typeof SETTERS;
const NAMES = Object.keys(SETTERS) as Setter[];

export function settings(deps: Deps): Subcommand {
  return {
    name: 'settings',
    summary: 'Show or change the account’s settings.',
    usage: '[NAME VALUE]',
    examples: ['settings', 'settings prefix ACME-2', 'settings close-delay 48', 'settings approvals both'],
    topic: 'Account',
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
  const [name, ...others] = meant(NAMES, first.text);
  const spoken = (names: readonly Setter[]) => names.map((one) => one.replaceAll('_', '-')).join(', ');
  if (!name || others.length > 0) {
    const problem = name ? `“${first.text}” matches several settings.` : `There is no setting “${first.text}”.`;
    const usage = name ? `Type one of ${spoken([name, ...others])}.` : `Settings: ${spoken(NAMES)}.`;
    throw new Refusal('invalid_command', { problem, usage });
  }
  if (rest.length === 0) {
    throw new Refusal('invalid_command', {
      problem: 'What is the new value?',
      usage: `Type \`/billing settings ${spoken([name])} VALUE\`.`,
    });
  }
  return SETTERS[name](isNothing(rest) && EMPTIABLE.has(name) ? [] : rest);
}

/** Settings of which `none` takes away what was said. */
const EMPTIABLE: ReadonlySet<Setter> = new Set([
  'address',
  'postal_code',
  'city',
  'country',
  'vat_id',
  'tax_number',
  'iban',
  'bic',
  'bank',
  'email',
  'accent_colour',
  'logo',
]);

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

/** Slack makes a link of an address. */
function readAddress(words: readonly Word[]): string {
  const mention = words[0]?.mention;
  return mention?.kind === 'link' ? mention.url.replace(/^mailto:/, '') : phrase(words);
}

/** A picture can't be typed; it can be taken away. */
function readLogo(words: readonly Word[]): string {
  if (words.length === 0) return '';
  throw new Refusal('invalid_command', {
    problem: 'A logo can’t be typed.',
    usage: 'Type `/billing settings` to upload a picture, or `/billing settings logo none` to remove the logo.',
  });
}

function readApproving(words: readonly Word[]): AccountSettings['approvalsWho'] {
  const [who, ...others] = meant(APPROVING, phrase(words));
  if (who && others.length === 0) return who;
  throw new Refusal('invalid_command', {
    problem: `“${phrase(words)}” isn’t an option for who approves moves.`,
    usage: `Options: ${APPROVING.join(', ')}.`,
  });
}

function readSmallAmounts(words: readonly Word[]): SmallAmountPolicy {
  const [policy, ...others] = meant(SMALL_AMOUNT_POLICIES, phrase(words).replace(/[\s-]+/g, '_'));
  if (policy && others.length === 0) return policy;
  throw new Refusal('invalid_command', {
    problem: `“${phrase(words)}” isn’t an option for small card amounts.`,
    usage: `Options: ${SMALL_AMOUNT_POLICIES.map((one) => one.replaceAll('_', '-')).join(', ')}.`,
  });
}
