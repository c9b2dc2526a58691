import type { KnownBlock, ModalView } from '@slack/types';
import { placeOfSource, SOURCE_KIND_NAMES, SOURCE_KINDS } from '../../src/billing/source/source.ts';
import { cancelReplacement, confirmReplacement } from '../../src/services/costs/replacement-decide.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import {
  listSources,
  noteDecision,
  pauseSource,
  removeSource,
  requestRun,
  resumeSource,
  type SourceSummary,
} from '../../src/services/sources/sources.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, modal, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { accountOfButton, type FindAccount, openAccountModal } from '../kit/account-modal.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import { CONFIRM, DECLINE, decisionBlocks, room } from './restated-months.ts';
import { SOURCE_MAP } from './source-kit.ts';
import { deliveryText, failureText, whenText } from './source-words.ts';

const TITLE = 'Sources';
/** The first part of the button that adds a source. The kind follows. */
export const SOURCE_ADD = 'source.add';
export const SOURCE_TEST = 'source.test';
export const SOURCE_EDIT = 'source.edit';
/** Opens an account’s sources. Its value is a target with the account. */
export const SOURCES_OPEN = 'source.list.open';

const RUN = 'source.run';
const PAUSE = 'source.pause';
const RESUME = 'source.resume';
const REMOVE = 'source.remove';
const STEPS = { [RUN]: requestRun, [PAUSE]: pauseSource, [RESUME]: resumeSource, [REMOVE]: removeSource } as const;
/** How many months of a source are shown. */
const MONTHS = 3;

type Delivery = SourceSummary['deliveries'][number];

/** Opens an account’s sources. */
export function openSources(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, sourcesModal);
}

export function registerSources(app: SlackApp, deps: Deps): void {
  onAction(app, SOURCES_OPEN, (request, action) => openSources(request, accountOfButton(deps, request, action)));
  for (const [actionId, step] of Object.entries(STEPS)) {
    onAction(app, actionId, async (request, action) => {
      const { account, name: id } = readTarget(action.value);
      const ctx = contextOf(deps, request);
      await step(ctx, account, id);
      await show(request, ctx, account, action.view?.id);
    });
  }
  for (const [actionId, decide] of [
    [CONFIRM, confirmReplacement],
    [DECLINE, cancelReplacement],
  ] as const) {
    onAction(app, actionId, async (request, action) => {
      const { account, name: id, import: importId } = readTarget(action.value);
      const ctx = contextOf(deps, request);
      await decide(ctx, { accountId: account, importId });
      // it notes what was decided, and continues
      await noteDecision(ctx, account, id);
      await show(request, ctx, account, action.view?.id, importId);
    });
  }
}

async function show(
  request: RequestContext,
  ctx: Ctx,
  account: string,
  viewId: string | undefined,
  decided?: string,
): Promise<void> {
  if (viewId === undefined) return;
  await request.client.views.update({ view_id: viewId, view: await sourcesModal(ctx, account, decided) });
}

/**
 * All sources of an account, which are never many.
 *
 * @param decided the import that was just confirmed or declined, which the next run notes
 */
export async function sourcesModal(ctx: Ctx, account: string, decided?: string): Promise<ModalView> {
  const sources = (await listSources(ctx, account)).map((source) => withDecided(source, decided));
  const add = SOURCE_KINDS.map((kind) =>
    button(`Add ${ADDED[kind]}`, `${SOURCE_ADD}.${kind}`, { value: target({ account, name: kind }) }),
  );
  const none =
    'No sources yet. A source is a place where your providers deliver cost files, and is read automatically.';
  return modal({
    title: TITLE,
    close: 'Done',
    blocks: [
      section(sources.length === 0 ? none : count(sources.length, 'source')),
      actions(add),
      ...sources.flatMap((source, at) => sourceBlocks(account, source, room(sources, at))),
    ],
  });
}

function withDecided(source: SourceSummary, decided: string | undefined): SourceSummary {
  const deliveries = source.deliveries.map((one): Delivery => {
    const isDecided = decided !== undefined && one.importId === decided && one.state === 'unconfirmed';
    return isDecided ? { ...one, state: 'imported', reason: 'your decision is noted in a moment' } : one;
  });
  return { ...source, deliveries };
}

const ADDED = { s3: 'S3 bucket', azure: 'Azure container', https: 'HTTPS URL', folder: 'folder' } as const;

function sourceBlocks(account: string, source: SourceSummary, decisions: number): KnownBlock[] {
  const { id, name, isPaused, deliveries } = source;
  const value = target({ account, name: id });
  const of = (text: string, actionId: string) => button(text, actionId, { value, label: `${text}: ${name}` });
  return [
    section(sourceText(source)),
    context(`${whenText(source)} · every ${count(source.everyHours, 'hour')}`),
    ...decisionBlocks(account, source, decisions),
    actions([
      ...(deliveries.some(isUnknown) ? [of('Choose columns', SOURCE_MAP)] : []),
      of('Test connection', SOURCE_TEST),
      of('Run now', RUN),
      of('Edit source', SOURCE_EDIT),
      isPaused ? of('Resume source', RESUME) : of('Pause source', PAUSE),
      button('Remove source', REMOVE, {
        ...{ value, style: 'danger', label: `Remove source: ${name}` },
        confirm: {
          title: 'Remove this source?',
          text: 'Its credentials are deleted. Costs that it imported stay.',
          confirm: 'Remove source',
          deny: 'Cancel',
          danger: true,
        },
      }),
    ]),
  ];
}

/** Whether a person can say what the columns of its files are. */
function isUnknown({ state, hasUnknownLayout = false }: Delivery): boolean {
  return state === 'refused' && hasUnknownLayout;
}

function sourceText(source: SourceSummary): string {
  const { name, location, deliveries, isPaused } = source;
  const kind = `${SOURCE_KIND_NAMES[location.kind]} · ${escapeMrkdwn(placeOfSource(location))}`;
  return [
    `*${escapeMrkdwn(name)}*${isPaused ? ' · *paused*' : ''}`,
    kind,
    ...failureText(source),
    ...deliveries.slice(0, MONTHS).map(deliveryText),
    ...(deliveries.length > MONTHS ? [`and ${count(deliveries.length - MONTHS, 'earlier month')}`] : []),
  ].join('\n');
}
