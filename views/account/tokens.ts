import type { KnownBlock, ModalView } from '@slack/types';
import { TOKEN_NAME_LIMIT, TOKEN_SCOPES, type TokenScope } from '../../src/billing/account/token.ts';
import { dayName } from '../../src/billing/period/day.ts';
import { admit } from '../../src/services/access/rights.ts';
import {
  createToken,
  listTokens,
  type NewToken,
  newTokenSchema,
  revokeToken,
  type TokenSummary,
} from '../../src/services/access/tokens.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  actions,
  button,
  type Choice,
  context,
  input,
  modal,
  section,
  staticSelect,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager, pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { fieldErrors } from '../../src/slack/requests/form-values.ts';
import { accountOfButton, type FindAccount, openAccountModal } from '../kit/account-modal.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count, day, moment } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { whoText } from '../kit/person.ts';

const TITLE = 'API tokens';
const CREATE_TITLE = 'New API token';
const CREATE = 'token.create';
const CREATE_OPEN = 'token.create.open';
const REVOKE = 'token.revoke';
const PAGE = 'token.page';
/** Two blocks each, within a view's limit of a hundred. */
const SIZE = 30;

const SCOPES: Readonly<Record<TokenScope, { readonly text: string; readonly description: string }>> = {
  'billing:read': { text: 'Read', description: 'Sees groups, invoices and events, but no private groups' },
  'billing:write': { text: 'Read and write', description: 'Can also change groups, assign projects, claim credits' },
};
const SCOPE_CHOICES: readonly Choice[] = TOKEN_SCOPES.map((value) => ({ value, ...SCOPES[value] }));

/** Opens an account's tokens. */
export function openTokens(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, (ctx, account) => tokensModal(ctx, account, 1));
}

/** Opens the form that creates a token, only for owners; with a name if one was typed. */
export function openNewToken(request: RequestContext, name: string, find: FindAccount): Promise<void> {
  return openForm(request, CREATE_TITLE, async () => {
    const { ctx, account } = await find();
    await admit(ctx, account, 'administer');
    return form(originOf(request, { account }), { name });
  });
}

export function registerTokens(app: SlackApp, deps: Deps): void {
  onAction(app, CREATE_OPEN, (request, action) => openNewToken(request, '', accountOfButton(deps, request, action)));
  onAction(app, REVOKE, async (request, action) => {
    const { account, name: id } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    await revokeToken(ctx, account, { id });
    if (action.view) await show(request, ctx, account, 1, action.view.id);
  });
  onAction(app, pagerActions(PAGE), async (request, action) => {
    const place = readPager(action.value);
    const { account } = readTarget(action.view?.private_metadata);
    if (place && action.view) await show(request, contextOf(deps, request), account, place.page, action.view.id);
  });
  onForm<NewToken>(app, deps, CREATE, {
    title: CREATE_TITLE,
    parse(values) {
      const typed = typeof values.days === 'string' ? values.days.trim() : '';
      const days = typed === '' ? null : Number(typed);
      const parsed = newTokenSchema.safeParse({ name: values.name ?? '', scope: values.access, days });
      return parsed.success ? { ok: parsed.data } : { errors: fieldErrors(parsed.error, 'name') };
    },
    again: (typed, origin, fault) => form(origin, typed, fault),
    async work(ctx, typed, { account }) {
      const { token, secret } = await createToken(ctx, account, typed);
      return madeModal(token, secret);
    },
  });
}

async function show(request: RequestContext, ctx: Ctx, account: string, page: number, viewId: string): Promise<void> {
  await request.client.views.update({ view_id: viewId, view: await tokensModal(ctx, account, page) });
}

async function tokensModal(ctx: Ctx, account: string, wanted: number): Promise<ModalView> {
  const { items, page, pages, total } = await listTokens(ctx, account, { page: wanted, size: SIZE });
  const value = target({ account });
  return modal({
    title: TITLE,
    metadata: target({ account }),
    close: 'Done',
    blocks: [
      section(`*${count(total, 'token')}* for the Invoice API. A token is shown only once, when it’s created.`),
      actions([button('New token', CREATE_OPEN, { value, style: 'primary' })]),
      ...items.flatMap((token) => tokenBlocks(account, token)),
      ...pager({ page, pages, actionId: PAGE, value: {} }),
    ],
  });
}

function tokenBlocks(account: string, token: TokenSummary): KnownBlock[] {
  const { id, name, scope, standing, createdBy, createdAt, expiresOn, lastUsedAt } = token;
  const end =
    expiresOn === null
      ? 'does not expire'
      : `${standing === 'expired' ? 'expired' : 'expires'} on ${dayName(expiresOn)}`;
  const used = lastUsedAt === null ? 'never used' : `last used ${moment(lastUsedAt)}`;
  const said = section(
    `*${escapeMrkdwn(name)}* · ${SCOPES[scope].text}${standing === 'active' ? '' : ` · *${standing}*`}\n${used} · ${end} · created by ${whoText(createdBy)}, ${day(createdAt)}`,
  );
  if (standing === 'revoked') return [said];
  const confirm = {
    title: 'Revoke this token?',
    text: 'Programs that use it lose access immediately. This can’t be undone.',
    confirm: 'Revoke',
    danger: true,
  };
  const revoke = button('Revoke', REVOKE, { value: target({ account, name: id }), style: 'danger', confirm });
  return [said, actions([revoke])];
}

function form(origin: Origin, typed: Partial<NewToken>, fault?: string): ModalView {
  const scope = SCOPE_CHOICES.find(({ value }) => value === (typed.scope ?? 'billing:read'));
  return formModal({
    title: CREATE_TITLE,
    callbackId: CREATE,
    submit: 'Create token',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      input(
        'name',
        'Name',
        textInput('token.create.name', {
          initial: typed.name || undefined,
          maxLength: TOKEN_NAME_LIMIT,
          placeholder: 'Power BI',
        }),
        { hint: 'The event log shows this name.' },
      ),
      input('access', 'Access', staticSelect('token.create.access', SCOPE_CHOICES, { initial: scope })),
      input(
        'days',
        'Expires after (days)',
        textInput('token.create.days', { initial: typed.days == null ? undefined : String(typed.days), maxLength: 4 }),
        { optional: true, hint: 'Leave empty for a token that doesn’t expire.' },
      ),
    ],
  });
}

/** Shows the token its only time: in a modal, which Slack stores in no channel. */
function madeModal(token: TokenSummary, secret: string): ModalView {
  return modal({
    title: CREATE_TITLE,
    close: 'Done',
    blocks: [
      section(`Created *${escapeMrkdwn(token.name)}*: ${SCOPES[token.scope].text.toLowerCase()}.`),
      section(`\`\`\`${secret}\`\`\``),
      context(':warning: Copy it now. It isn’t stored and can’t be shown again.'),
    ],
  });
}
