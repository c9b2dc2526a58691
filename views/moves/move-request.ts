import type { KnownBlock, ModalView } from '@slack/types';
import { cleanName } from '../../src/billing/group/names.ts';
import { effectiveDateText } from '../../src/billing/move/effective-date.ts';
import { capitalized } from '../../src/billing/normalized.ts';
import { momentNameIn } from '../../src/billing/period/day.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import {
  type Approved,
  approveMove,
  assertDecidable,
  type Decision,
  rejectMove,
} from '../../src/services/moves/move-decide.ts';
import type { MoveSummary } from '../../src/services/moves/move-read.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import {
  actions,
  button,
  type Choice,
  context,
  fields,
  input,
  radioButtons,
  section,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import { refusalInFull } from '../../src/slack/refusal-texts/index.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count, moment } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { isPerson, whoText } from '../kit/person.ts';
import {
  confirmationText,
  costImpactSummary,
  costImpactText,
  projectListText,
  projectNamesText,
  withdrawalText,
} from './move-words.ts';

const APPROVE = 'move.approve';
const REJECT = 'move.reject';
/** The button that withdraws a request. Its value is a target with the account and the request. */
export const WITHDRAW = 'move.withdraw';
const NEW_DATE = 'move.new_date';
const SOME_CANT = 'move.some_cant';
const TITLES = { reject: 'Reject move', date: 'Later effective date', some: 'Some can’t be moved' } as const;
/** How much of a reason a modal remembers. */
const MOST_WORDS = 1_500;
const CHOICES: readonly Choice[] = [
  { text: 'Move the other projects', value: 'others' },
  { text: 'Don’t move any projects', value: 'none' },
];

/**
 * The request as approvers see it. Once it is decided, it has no buttons. The requester withdraws it on Home or in the
 * list of requests, since everybody in a channel sees the same buttons.
 */
export function moveRequestMessage(move: MoveSummary): Message {
  const text = requestText(move);
  const blocks = [...moveFacts(move), ...(move.state === 'open' ? open(move) : [section(outcome(move))])];
  return { text: move.state === 'open' ? text : `${text}: ${move.state}`, blocks };
}

/** What was asked, with its cost impact. At most four blocks. */
function moveFacts(move: MoveSummary): KnownBlock[] {
  const facts = fields([
    `*From*\n${move.fromGroupNames.slice(0, 10).map(escapeMrkdwn).join(', ')}`,
    `*To*\n${escapeMrkdwn(move.toGroupName)}`,
    `*Effective from*\n${effectOf(move)}`,
    `*Reason*\n${escapeMrkdwn(move.reason) || 'not given'}`,
  ]);
  const blocks: KnownBlock[] = [section(`*${requestText(move)}*`), facts];
  if (move.facts) blocks.push(section(costImpactText(move, move.facts)));
  if (move.projects.length > 1) blocks.push(section(projectListText(move.projects)));
  return blocks;
}

function requestText(move: MoveSummary): string {
  const when = move.state === 'open' ? `, effective ${effectOf(move)}` : '';
  return `${whoText(move.askedBy)} asked to move ${whatMoves(move)} to ${escapeMrkdwn(move.toGroupName)}${when}`;
}

/** A request for everybody who sees it, without the buttons to decide it. */
export function moveViewBlocks(move: MoveSummary): KnownBlock[] {
  return [...moveFacts(move), section(standingText(move))];
}

/** Whether a request is pending, or how it was decided. */
export function standingText(move: MoveSummary): string {
  if (move.state !== 'open') return outcome(move);
  const given = approvers(move);
  const state = given === '' ? 'No approvals yet' : `Approved by ${given}. More approvals are needed`;
  return `*Pending* · ${state} · expires on ${expiryOf(move)}`;
}

/** The message to the requester about the outcome. */
export function moveOutcomeMessage(move: MoveSummary): Message {
  const when = move.state === 'approved' ? `, effective ${effectOf(move)}` : '';
  const text = `Your move of ${whatMoves(move)} to ${escapeMrkdwn(move.toGroupName)}${when}: ${outcome(move)}`;
  return { text, blocks: [section(text)] };
}

/** The reminder for approvers who haven't decided after a day. */
export function moveReminderMessage(move: MoveSummary): Message {
  const text = `The move of ${whatMoves(move)} to ${escapeMrkdwn(move.toGroupName)} is still waiting for approval. It expires on ${expiryOf(move)}.`;
  return { text, blocks: [section(text)] };
}

/** A request in a list, with the buttons to decide it. */
export function moveLine(move: MoveSummary): KnownBlock[] {
  return [section(moveLineText(move)), actions(deciding(move))];
}

/** A pending request in a list, with its cost impact. */
export function moveLineText(move: MoveSummary): string {
  const given = approvers(move);
  return [
    `${whoText(move.askedBy)} asked to move ${whatMoves(move)} ${fromToText(move)}, effective ${effectOf(move)}`,
    ...(given === '' ? [] : [`Approved by ${given}. More approvals are needed`]),
    ...(move.facts ? [costImpactSummary(move.facts)] : []),
  ].join('\n');
}

/** A person's own request in a list, with the button that withdraws it while it is open. */
export function ownMoveLine(move: MoveSummary): KnownBlock {
  const line = `*${whatMoves(move)}* ${fromToText(move)}, effective ${effectOf(move)}`;
  const given = approvers(move);
  if (move.state !== 'open') {
    const others = move.approvals.length > 1 ? `\nApproved by ${given}` : '';
    return section(`${line}\n${outcome(move)}${others}`);
  }
  return section(`${line}\n${standingText(move)}`, { accessory: withdrawButton(move) });
}

export function registerMoveRequest(app: SlackApp, deps: Deps): void {
  onAction(app, APPROVE, async (request, action) => {
    const { account, move } = readTarget(action.value);
    const origin = originOf(request, { account, more: { move } }, action.view);
    const came = await approveOrAsk(contextOf(deps, request), decisionOf(origin), origin);
    if (typeof came === 'string') await request.respond(came);
    else await request.openModal(came);
  });
  onAction(app, REJECT, (request, action) => {
    const { account, move } = readTarget(action.value);
    const origin = originOf(request, { account, more: { move } }, action.view);
    return openForm(request, TITLES.reject, async () => {
      await assertDecidable(contextOf(deps, request), { accountId: account, requestId: move });
      return rejection(origin, '');
    });
  });
  onForm<string>(app, deps, REJECT, {
    title: TITLES.reject,
    parse: ({ reason }) =>
      typeof reason === 'string' && cleanName(reason) !== ''
        ? { ok: reason }
        : { errors: { reason: 'Enter a reason.' } },
    again: (reason, origin, fault) => rejection(origin, reason, fault),
    async work(ctx, reason, { account, more }) {
      await rejectMove(ctx, { accountId: account, requestId: more.move ?? '', reason });
      return 'Rejected. The requester will see the reason.';
    },
  });
  onForm<null>(app, deps, NEW_DATE, {
    title: TITLES.date,
    parse: () => ({ ok: null }),
    again: (_typed, origin, fault) => newDate(origin, fault),
    work: (ctx, _typed, origin) => approveOrAsk(ctx, decisionOf(origin), origin),
  });
  onForm<'others' | 'none'>(app, deps, SOME_CANT, {
    title: TITLES.some,
    parse: ({ choice }) => ({ ok: choice === 'others' ? 'others' : 'none' }),
    again: (_typed, origin, fault) => someCant(origin, fault),
    work: (ctx, ifSomeCant, origin) => approveOrAsk(ctx, { ...decisionOf(origin), ifSomeCant }, origin),
  });
}

/** Approves the request. If other changes affect it, asks the approver what to do, in a modal. */
async function approveOrAsk(ctx: Ctx, decision: Decision, origin: Origin): Promise<string | ModalView> {
  try {
    return approvalText(await approveMove(ctx, decision));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const words = refusalInFull(error).slice(0, MOST_WORDS);
    if (error.code === 'move_new_date') {
      return newDate({ ...origin, more: { ...origin.more, earliest: error.data.begin.toISOString(), words } });
    }
    if (error.code === 'move_some_cant') return someCant({ ...origin, more: { ...origin.more, words } });
    throw error;
  }
}

/** What an approver has confirmed so far. */
function decisionOf({ account, more: { move = '', earliest } }: Origin): Decision {
  return { accountId: account, requestId: move, ...(earliest !== undefined && { earliest: new Date(earliest) }) };
}

/** The result of an approval. @param what what was moved, by default the projects by name */
export function approvalText({ outcome: came, moved, request, timeZone }: Approved, what?: string): string {
  if (came === 'waiting') return 'Your approval was recorded. More approvals are needed.';
  if (came === 'none_moved') return `Nothing was moved: ${escapeMrkdwn(request.outcome ?? '')}`;
  const rest = request.outcome === null ? '' : ` ${escapeMrkdwn(request.outcome)}`;
  const all = moved === request.projects.length ? projectNamesText(request.projects) : count(moved, 'project');
  return `Approved: ${what ?? all} moved, effective ${effectiveDateText(request, timeZone)}.${rest}`;
}

function rejection(origin: Origin, reason: string, fault?: string): ModalView {
  return formModal({
    title: TITLES.reject,
    callbackId: REJECT,
    submit: 'Reject move',
    origin,
    fault,
    blocks: [
      input('reason', 'Reason', textInput('move.reject.reason', { initial: reason, multiline: true, maxLength: 500 })),
    ],
  });
}

function newDate(origin: Origin, fault?: string): ModalView {
  return formModal({
    title: TITLES.date,
    callbackId: NEW_DATE,
    submit: 'Approve move',
    origin,
    fault,
    blocks: [section(`${escapeMrkdwn(origin.more.words ?? '')}\nApprove it for this date?`)],
  });
}

function someCant(origin: Origin, fault?: string): ModalView {
  return formModal({
    title: TITLES.some,
    callbackId: SOME_CANT,
    submit: 'Continue',
    origin,
    fault,
    blocks: [
      section(escapeMrkdwn(origin.more.words ?? '')),
      input('choice', 'Other projects', radioButtons('move.some_cant.choice', CHOICES, CHOICES[0])),
    ],
  });
}

function open(move: MoveSummary): KnownBlock[] {
  const given = approvers(move);
  const withdrawal = isPerson(move.askedBy) ? ' · the requester can withdraw it with `/billing requests`' : '';
  return [
    ...(given === '' ? [] : [context(`Approved by ${given}. More approvals are needed`)]),
    actions(deciding(move)),
    context(`Requested ${moment(move.askedAt)} · expires on ${expiryOf(move)}${withdrawal}`),
  ];
}

function deciding(move: MoveSummary) {
  const value = target({ account: move.accountId, move: move._id });
  const confirm = {
    title: 'Approve the move?',
    text: confirmationText(move),
    confirm: 'Approve move',
  };
  return [
    button('Approve move', APPROVE, { value, style: 'primary', confirm }),
    button('Reject move', REJECT, { value, style: 'danger' }),
  ];
}

function withdrawButton(move: MoveSummary) {
  const confirm = {
    title: 'Withdraw the request?',
    text: withdrawalText(move),
    confirm: 'Withdraw request',
  };
  return button('Withdraw request', WITHDRAW, { value: target({ account: move.accountId, move: move._id }), confirm });
}

function outcome({ state, decidedBy, decidedAt, outcome: why }: MoveSummary): string {
  const by = decidedBy && isPerson(decidedBy) ? ` by ${mention(decidedBy)}` : '';
  const when = decidedAt ? `, ${moment(decidedAt)}` : '';
  const because = why === null ? '' : `\n${escapeMrkdwn(why)}`;
  return `*${capitalized(state)}*${by}${when}${because}`;
}

function approvers({ approvals }: MoveSummary): string {
  return approvals.map(({ userId }) => mention(userId)).join(', ');
}

function fromToText({ fromGroupNames, toGroupName }: MoveSummary): string {
  return `from ${fromGroupNames.slice(0, 10).map(escapeMrkdwn).join(', ')} to *${escapeMrkdwn(toGroupName)}*`;
}

function effectOf({ timeZone, ...date }: MoveSummary): string {
  return effectiveDateText(date, timeZone);
}

function expiryOf({ expiresAt, timeZone }: MoveSummary): string {
  return momentNameIn(expiresAt, timeZone);
}

function whatMoves({ projects }: MoveSummary): string {
  return projectNamesText(projects);
}
