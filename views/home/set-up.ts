import type { ModalView } from '@slack/types';
import { createAccount, type NewAccount, newAccountSchema } from '../../src/services/accounts/accounts.ts';
import { hasInstalled } from '../../src/services/workspaces/installations.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions, onSubmit, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  type Choice,
  conversationsSelect,
  externalSelect,
  input,
  loading,
  modal,
  section,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { channelMention, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { fieldErrors } from '../../src/slack/requests/form-values.ts';
import { assertNotSharedOutside, inviteFirst } from '../../src/slack/web-api/channels.ts';
import { founder } from '../../src/slack/web-api/people.ts';
import { currencyChoice, currencyChoices, matching } from '../kit/choices.ts';

const TITLE = 'Set up billing';
const SET_UP = 'set_up';
export const SET_UP_OPEN = 'set_up.open';
const ZONE = 'set_up.time_zone';
const CURRENCY = 'set_up.currency';
const ZONES: readonly string[] = [...new Set(['Etc/UTC', ...Intl.supportedValuesOf('timeZone')])];

/** The form's values, initial or after a refusal. */
interface Filled {
  readonly name?: string;
  readonly timeZone?: string;
  readonly currency?: string;
  readonly financeChannelId?: string | null;
  readonly fault?: string;
}

/** Guides a workspace admin, or who installed the app, through the setup, in a modal. @throws {Refusal} `set_up_not_allowed` for others */
export async function openSetUp(request: RequestContext): Promise<void> {
  const opened = await request.openModal(loading(TITLE));
  const { timeZone } = await founderOf(request);
  const zone = timeZone !== undefined && ZONES.includes(timeZone) ? timeZone : 'Etc/UTC';
  await opened.update(form({ timeZone: zone }));
}

export function registerSetUp(app: SlackApp, deps: Deps): void {
  onAction(app, SET_UP_OPEN, (request) => openSetUp(request));
  onOptions(app, ZONE, async (_request, { typed }) => matching(ZONES.map(zoneChoice), typed));
  onOptions(app, CURRENCY, async (_request, { typed }) => currencyChoices(typed));
  onSubmit<NewAccount>(app, SET_UP, {
    parse(values) {
      const parsed = newAccountSchema.safeParse({ ...values, financeChannelId: values.financeChannelId ?? null });
      if (!parsed.success) return { errors: fieldErrors(parsed.error, 'name') };
      if (parsed.data.financeChannelId === null) return { errors: { financeChannelId: 'Choose a channel.' } };
      return { ok: parsed.data, ack: { response_action: 'update', view: loading(TITLE) } };
    },
    again: (value, words) => form({ ...value, fault: words.text }),
    work: async (request, value, view) => {
      const text = await setUp(deps, request, value);
      await request.client.views.update({
        view_id: view.id,
        view: modal({ title: TITLE, close: 'Done', blocks: [section(text)] }),
      });
      await request.respond({ text });
    },
  });
}

function founderOf({ client, teamId, userId }: RequestContext) {
  return founder(client, { teamId, userId, hasInstalled: () => hasInstalled(teamId, userId) });
}

/** Creates the account, and shows the result and the next step. */
async function setUp(deps: Deps, request: RequestContext, value: NewAccount): Promise<string> {
  const { teamId, userId } = request;
  // checked again, since the form may have been open for hours
  const { standing } = await founderOf(request);
  if (value.financeChannelId !== null) {
    const remedy = 'Choose a channel of your own organization. You can change this later in the settings.';
    await assertNotSharedOutside(request.client, value.financeChannelId, { field: 'financeChannelId', remedy });
  }
  const owner = { teamId, userId, standing };
  const account = await createAccount(contextOf(deps, request), owner, value);
  const channel = account.financeChannelId ?? '';
  const joined = await request.client.conversations.join({ channel }).then(
    () => true,
    () => false,
  );
  const lines = [
    `*${escapeMrkdwn(account.name)}* is set up, and you are its owner.`,
    joined ? `Invoices will be posted in ${channelMention(channel)}.` : inviteFirst(channel),
    'Next, drop a cost file in a channel that this app is in. `/billing import` explains how.',
  ];
  return lines.join('\n');
}

function form(filled: Filled): ModalView {
  return modal({
    title: TITLE,
    callbackId: SET_UP,
    submit: 'Set up',
    close: 'Not now',
    blocks: [
      section(
        'An account owns your projects and billing groups. You’ll be its owner, and you can change these settings later.',
      ),
      ...(filled.fault === undefined ? [] : [section(`:warning: ${filled.fault}`)]),
      input(
        'name',
        'Account name',
        textInput('set_up.name', { initial: filled.name, maxLength: 83, placeholder: 'Acme' }),
      ),
      input(
        'timeZone',
        'Time zone',
        externalSelect(ZONE, filled.timeZone ? { initial: zoneChoice(filled.timeZone) } : {}),
        {
          hint: 'Months begin and end in this time zone.',
        },
      ),
      input(
        'currency',
        'Currency',
        externalSelect(CURRENCY, filled.currency ? { initial: currencyChoice(filled.currency) } : {}),
        {
          hint: 'For new billing groups.',
        },
      ),
      input(
        'financeChannelId',
        'Finance channel',
        conversationsSelect('set_up.channel', filled.financeChannelId ?? undefined),
        {
          hint: 'Where invoices are posted. Invite this app first if you choose a private channel.',
        },
      ),
    ],
  });
}

function zoneChoice(zone: string): Choice {
  return { text: zone.replaceAll('_', ' '), value: zone };
}
