import type { KnownBlock, ModalView } from '@slack/types';
import { MAPPING_NAME_LIMIT } from '../../../src/billing/cost/cost-mapping.ts';
import {
  listMappings,
  type MappingSummary,
  removeMapping,
  renameMapping,
} from '../../../src/services/costs/mappings/cost-mappings.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import type { SlackApp } from '../../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../../src/slack/app/listeners.ts';
import { actions, button, context, input, modal, section, textInput } from '../../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../../src/slack/blocks/mrkdwn.ts';
import { pager } from '../../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../../src/slack/requests/caller.ts';
import { type FindAccount, onAccountPages, openAccountModal } from '../../kit/account-modal.ts';
import { readTarget, target } from '../../kit/action-target.ts';
import { count } from '../../kit/figures.ts';
import { formModal, onForm, originOf } from '../../kit/form.ts';
import type { Origin } from '../../kit/origin.ts';
import { cut } from '../import-parts.ts';

const TITLE = 'Mappings';
const PAGE = 'costs.mappings.page';
const REMOVE = 'costs.mappings.remove';
const RENAME_OPEN = 'costs.mappings.rename.open';
const RENAME = 'costs.mappings.rename';
const SIZE = 20;

/** Opens an account's mappings. */
export function openMappings(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, mappingsModal);
}

export function registerMappings(app: SlackApp, deps: Deps): void {
  onAccountPages(app, deps, PAGE, mappingsModal);
  onAction(app, REMOVE, async (request, action) => {
    const { account, name: id } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    await removeMapping(ctx, account, { id });
    if (!action.view) return;
    await request.client.views.update({ view_id: action.view.id, view: await mappingsModal(ctx, account) });
  });
  onAction(app, RENAME_OPEN, async (request, action) => {
    const { account, name: id, file: name } = readTarget(action.value);
    await request.openModal(renameForm(originOf(request, { account, more: { id } }, action.view), name));
  });
  onForm<{ readonly name: string }>(app, deps, RENAME, {
    title: 'Rename mapping',
    parse: ({ name }) => ({ ok: { name: typeof name === 'string' ? name : '' } }),
    again: ({ name }, origin, fault) => renameForm(origin, name, fault),
    async work(ctx, { name }, { account, more }) {
      await renameMapping(ctx, account, { which: { id: more.id ?? '' }, to: name });
      return mappingsModal(ctx, account);
    },
  });
}

async function mappingsModal(ctx: Ctx, account: string, wanted = 1): Promise<ModalView> {
  const all = await listMappings(ctx, account);
  const pages = Math.max(1, Math.ceil(all.length / SIZE));
  const page = Math.min(Math.max(1, wanted), pages);
  const title = all.length === 0 ? 'No mappings yet.' : `*${count(all.length, 'mapping')}* for cost files`;
  return modal({
    title: TITLE,
    close: 'Done',
    blocks: [
      section(title),
      ...all.slice((page - 1) * SIZE, page * SIZE).flatMap((mapping) => mappingBlocks(account, mapping)),
      context(
        'To add one, drop a bill as CSV into a channel that I’m in, and choose its columns. To change one, drop such a file and use *Change columns*.',
      ),
      ...pager({ page, pages, actionId: PAGE, value: { account } }),
    ],
  });
}

function mappingBlocks(account: string, mapping: MappingSummary): KnownBlock[] {
  const { id, name, amount, currency, fixedCurrency, date, project, service } = mapping;
  const parts = [
    `amount from ${cut(amount)}`,
    currency === null ? `in ${fixedCurrency}` : `currency from ${cut(currency)}`,
    date === null ? 'month asked with each file' : `date from ${cut(date)}`,
    ...(project === null ? [] : [`project from ${cut(project)}`]),
    ...(service === null ? [] : [`service from ${cut(service)}`]),
  ];
  return [
    section(`*${escapeMrkdwn(name)}*\n${count(mapping.header.length, 'column')}: ${parts.join(', ')}`),
    actions([
      button('Rename mapping', RENAME_OPEN, {
        value: target({ account, name: id, file: name }),
        label: `Rename ${name}`,
      }),
      button('Remove mapping', REMOVE, {
        value: target({ account, name: id }),
        style: 'danger',
        label: `Remove ${name}`,
        confirm: {
          title: 'Remove mapping?',
          text: 'Files like these will no longer be recognized. Costs that were imported stay.',
          confirm: 'Remove mapping',
          danger: true,
        },
      }),
    ]),
  ];
}

function renameForm(origin: Origin, name: string, fault?: string): ModalView {
  const field = textInput(`${RENAME}.name`, { initial: name || undefined, maxLength: MAPPING_NAME_LIMIT });
  return formModal({
    title: 'Rename mapping',
    callbackId: RENAME,
    submit: 'Rename mapping',
    close: 'Cancel',
    origin,
    fault,
    blocks: [input('name', 'Name', field)],
  });
}
