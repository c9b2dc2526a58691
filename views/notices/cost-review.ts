import type { KnownBlock, ModalView } from '@slack/types';
import { cleanName } from '../../src/billing/group/names.ts';
import { type Period, periodName, shiftPeriod } from '../../src/billing/period/period.ts';
import type { CurrencyComparison } from '../../src/services/insight/month-comparison.ts';
import { answerReview, MOST_REASON, ownReview, type ReviewState } from '../../src/services/notices/review-answers.ts';
import type { ReviewSummary } from '../../src/services/notices/review-summary.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { actions, button, context, input, section, textInput } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { changeText, KIND_NAMES, signed } from '../costs/comparison.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count, money } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';

const SEEN = 'review.seen';
const EXPLAIN_OPEN = 'review.explain.open';
const EXPLAIN = 'review.explain';
const TITLE = 'Explain costs';
/** How many reasons for a change its sentence names. */
const MOST_REASONS = 3;
/** How many projects a lead's message names. */
const MOST_PROJECTS = 10;
/** How many people the list of a month names. */
const MOST_PEOPLE = 50;
/** How many of them fit into one paragraph, even with long names. */
const PEOPLE_TOGETHER = 5;

/** The costs that a person is asked to look at: the total, why it changed, the largest changes, and what to decide. */
export function costReviewMessage(summary: ReviewSummary): Message {
  const { review, own, change } = summary;
  const title = `Costs of ${subjectOf(summary)} in ${periodName(review.period)}`;
  const text = change ? `${title}: ${money(change.now, change.currency)}` : `${title}: none`;
  const value = target({ account: review.accountId, review: review._id });
  const blocks: KnownBlock[] = [
    section([`*${title}*`, ...(change ? sentences(change, review.period) : ['There are none.'])].join('\n')),
    ...(change && change.largest.length > 0 ? [section(`*Largest changes*\n${largestLines(change)}`)] : []),
    ...budgetLine(summary),
    ...decisions(summary),
    actions([
      button('Mark as seen', SEEN, { value, ...(!own.needsReason && { style: 'primary' as const }) }),
      button('Explain costs', EXPLAIN_OPEN, { value, ...(own.needsReason && { style: 'primary' as const }) }),
    ]),
    context('Before tax and purchased credits. Finance sees who has answered.'),
  ];
  return { text, blocks };
}

/** Who was asked about a month, and who has answered. */
export function reviewsReply(period: Period, states: readonly ReviewState[]): Reply {
  if (states.length === 0) {
    const none = `Nobody was asked to review the costs of ${periodName(period)}. An account owner can turn on cost reviews with \`/billing settings\`.`;
    return { text: none, blocks: [section(none)] };
  }
  const open = states.filter(({ state }) => state === 'waiting' || state === 'explanation_missing').length;
  const title = `Cost reviews of ${periodName(period)}: ${states.length - open} of ${states.length} answered`;
  const shown: KnownBlock[] = [];
  for (let at = 0; at < Math.min(states.length, MOST_PEOPLE); at += PEOPLE_TOGETHER) {
    const some = states.slice(at, Math.min(at + PEOPLE_TOGETHER, MOST_PEOPLE));
    shown.push(section(some.map(stateLine).join('\n')));
  }
  const rest = states.length > MOST_PEOPLE ? [context(`… and ${states.length - MOST_PEOPLE} more`)] : [];
  return { text: title, blocks: [section(`*${title}*`), ...shown, ...rest] };
}

export function registerCostReview(app: SlackApp, deps: Deps): void {
  onAction(app, SEEN, async (request, action) => {
    const { account, review } = readTarget(action.value);
    const { own, ...answered } = await answerReview(
      contextOf(deps, request),
      { accountId: account, reviewId: review },
      null,
    );
    const missing = own.needsReason && own.reason === null ? ' The change still needs an explanation.' : '';
    await request.respond(
      `Marked the costs of *${escapeMrkdwn(answered.groupName)}* for ${periodName(answered.review.period)} as seen.${missing}`,
    );
  });
  onAction(app, EXPLAIN_OPEN, (request, action) => {
    const { account, review } = readTarget(action.value);
    const origin = originOf(request, { account, more: { review } }, action.view);
    return openForm(request, TITLE, async () => {
      const { own } = await ownReview(contextOf(deps, request), { accountId: account, reviewId: review });
      return explanation(origin, own.reason ?? '');
    });
  });
  onForm<string>(app, deps, EXPLAIN, {
    title: TITLE,
    parse: ({ reason }) =>
      typeof reason === 'string' && cleanName(reason) !== ''
        ? { ok: reason.trim() }
        : { errors: { reason: 'Enter an explanation.' } },
    again: (reason, origin, fault) => explanation(origin, reason, fault),
    async work(ctx, reason, { account, more }) {
      await answerReview(ctx, { accountId: account, reviewId: more.review ?? '' }, reason);
      return 'Thank you. Finance can read your explanation in the event log and in the finance channel.';
    },
  });
}

function explanation(origin: Origin, reason: string, fault?: string): ModalView {
  const field = textInput('review.explain.reason', { initial: reason, multiline: true, maxLength: MOST_REASON });
  return formModal({
    ...{ title: TITLE, callbackId: EXPLAIN, submit: 'Send explanation', origin, fault },
    blocks: [input('reason', 'Why did the costs change?', field)],
  });
}

function subjectOf({ groupName, projects }: ReviewSummary): string {
  const group = escapeMrkdwn(groupName);
  if (projects.length === 0) return group;
  const named = projects.slice(0, MOST_PROJECTS).map(escapeMrkdwn).join(', ');
  const rest = projects.length > MOST_PROJECTS ? ` and ${count(projects.length - MOST_PROJECTS, 'more project')}` : '';
  return `${named}${rest} in ${group}`;
}

/** What changed, in two sentences. */
function sentences(change: CurrencyComparison, period: Period): string[] {
  const first = `${changeText(change, periodName(shiftPeriod(period, -1)))}.`;
  if (change.byKind.length === 0) return [first];
  const bySize = [...change.byKind].sort((a, b) => b.amount.abs().comparedTo(a.amount.abs()));
  const reasons = bySize
    .slice(0, MOST_REASONS)
    .map(({ kind, amount }) => `${KIND_NAMES[kind].toLowerCase()} (${signed(amount, change.currency)})`);
  return [first, `Most of the change comes from ${inWords(reasons)}.`];
}

function inWords(reasons: readonly string[]): string {
  const last = reasons.at(-1) ?? '';
  return reasons.length < 2 ? last : `${reasons.slice(0, -1).join(', ')} and ${last}`;
}

function largestLines({ largest, currency }: CurrencyComparison): string {
  return largest
    .map(({ project, service, kind, amount }) => {
      const what = [project?.title ?? 'Whole group', ...(service === null ? [] : [service])]
        .map(escapeMrkdwn)
        .join(': ');
      return `${signed(amount, currency)} · ${what}, ${KIND_NAMES[kind].toLowerCase()}`;
    })
    .join('\n');
}

function budgetLine({ budget }: ReviewSummary): KnownBlock[] {
  if (!budget) return [];
  const { spent, amount, currency, percent } = budget;
  return [section(`*Budget of the open month*\n${money(spent, currency)} of ${money(amount, currency)}, ${percent}%`)];
}

function decisions({ own, pendingMoves }: ReviewSummary): KnownBlock[] {
  const lines = [
    ...(own.needsReason ? ['The change is above your account’s limit, so it needs an explanation.'] : []),
    ...(pendingMoves > 0
      ? [`${count(pendingMoves, 'move request is', 'move requests are')} waiting for your decision.`]
      : []),
  ];
  return lines.length === 0 ? [] : [section(`*For you to decide*\n${lines.join('\n')}`)];
}

const STATES: Readonly<Record<ReviewState['state'], string>> = {
  waiting: 'no answer yet',
  explanation_missing: 'seen, explanation missing',
  seen: 'seen',
  explained: 'explained',
};

function stateLine({ groupName, userId, projects, state }: ReviewState): string {
  const about = projects === 0 ? '' : ` (${count(projects, 'project')})`;
  return `${mention(userId)} · ${escapeMrkdwn(groupName)}${about}: ${STATES[state]}`;
}
