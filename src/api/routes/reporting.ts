import { toFixedMinor } from '../../billing/money/money.ts';
import { listEvents } from '../../services/events/event-lists.ts';
import { accountBudgets } from '../../services/insight/account-budgets.ts';
import { type AccountMemo, accountMemos } from '../../services/insight/account-memos.ts';
import { accountPayments } from '../../services/insight/account-payments.ts';
import { accountProjects } from '../../services/insight/account-projects.ts';
import { accountMoves } from '../../services/moves/move-read.ts';
import { eventBodies } from '../bodies/event-body.ts';
import { USUAL_LIMIT } from '../cursor.ts';
import { shownId } from '../ids.ts';
import { pageOf, type Reading, readingOf } from '../requests/reading.ts';
import { callerIn, json, type Route, route } from '../route.ts';
import { pagingSchema, time } from '../schemas/common.ts';
import {
  datedQuery,
  eventsAfterAnswer,
  eventsAfterQuery,
  moveReportQuery,
  reportedBudgetsAnswer,
  reportedMemosAnswer,
  reportedMovesAnswer,
  reportedPaymentsAnswer,
  reportedProjectsAnswer,
} from '../schemas/reporting.ts';
import { moveBody } from './moves.ts';

const TAG = 'Reporting';

/** Everything else of the whole account, for tools that read it again and again. */
export const reportingRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/projects',
    operation: 'listAllProjects',
    tag: TAG,
    summary: 'The projects of the account, with their billing groups',
    access: 'billing:read',
    query: pagingSchema,
    answers: { 200: { description: 'A page of projects', schema: reportedProjectsAnswer } },
    async run({ query, ...sent }) {
      const caller = callerIn(sent);
      const reading = readingOf('all projects', query, caller.ctx.clock.now());
      const { items, next } = await accountProjects(caller.ctx, caller.accountId, reading);
      const projects = items.map(({ id, name, label, billingGroupId, billingGroupName }) => ({
        ...{ project_id: shownId(id), project_name: name, label },
        ...{ billing_group_id: shownId(billingGroupId), billing_group_name: billingGroupName },
      }));
      return json({ projects, next_cursor: pageOf('all projects', reading, next).next_cursor });
    },
  }),
  route({
    method: 'get',
    path: '/payments',
    operation: 'listPayments',
    tag: TAG,
    summary: 'Payments of all invoices, also reversed ones',
    access: 'billing:read',
    query: datedQuery,
    answers: { 200: { description: 'A page of payments', schema: reportedPaymentsAnswer } },
    async run({ query, ...sent }) {
      const { ctx, accountId } = callerIn(sent);
      const reading = readingOf('payments', query, ctx.clock.now());
      const { items, next } = await accountPayments(ctx, accountId, changesIn(query, reading));
      const payments = items.map(
        ({ id, invoiceId, way, amount, currency, date, reference, recordedAt, reversedAt }) => ({
          ...{ payment_id: shownId(id), invoice_id: shownId(invoiceId), way, amount: toFixedMinor(amount, currency) },
          ...{ currency, date, reference, state: reversedAt === null ? 'received' : 'reversed' },
          update_time: time(reversedAt ?? recordedAt),
        }),
      );
      return json({ payments, ...pageOf('payments', reading, next) });
    },
  }),
  route({
    method: 'get',
    path: '/credit-memos',
    operation: 'listCreditMemos',
    tag: TAG,
    summary: 'The credit memos of the account',
    access: 'billing:read',
    query: datedQuery,
    answers: { 200: { description: 'A page of credit memos', schema: reportedMemosAnswer } },
    async run({ query, ...sent }) {
      const { ctx, accountId } = callerIn(sent);
      const reading = readingOf('credit memos', query, ctx.clock.now());
      const { items, next } = await accountMemos(ctx, accountId, changesIn(query, reading));
      return json({ credit_memos: items.map(memoBody), ...pageOf('credit memos', reading, next) });
    },
  }),
  route({
    method: 'get',
    path: '/budgets',
    operation: 'listBudgets',
    tag: TAG,
    summary: 'The budgets of the account',
    access: 'billing:read',
    query: pagingSchema,
    answers: { 200: { description: 'A page of budgets', schema: reportedBudgetsAnswer } },
    async run({ query, ...sent }) {
      const { ctx, accountId } = callerIn(sent);
      const reading = readingOf('budgets', query, ctx.clock.now());
      const { items, next } = await accountBudgets(ctx, accountId, reading);
      const budgets = items.map(({ id, billingGroupId, projectId, amount, currency, thresholds }) => ({
        ...{ budget_id: shownId(id), billing_group_id: shownId(billingGroupId) },
        project_id: projectId && shownId(projectId),
        ...{ amount: toFixedMinor(amount, currency), currency, thresholds },
      }));
      return json({ budgets, next_cursor: pageOf('budgets', reading, next).next_cursor });
    },
  }),
  route({
    method: 'get',
    path: '/moves',
    operation: 'listMoves',
    tag: TAG,
    summary: 'The requests to move projects, decided or not',
    access: 'billing:read',
    query: moveReportQuery,
    answers: { 200: { description: 'A page of requests', schema: reportedMovesAnswer } },
    async run({ query, ...sent }) {
      const { ctx, accountId } = callerIn(sent);
      const reading = readingOf('moves', query, ctx.clock.now());
      const { items, next } = await accountMoves(ctx, accountId, { ...changesIn(query, reading), state: query.state });
      return json({ moves: items.map(moveBody), ...pageOf('moves', reading, next) });
    },
  }),
  route({
    method: 'get',
    path: '/events',
    operation: 'listEventsAfter',
    tag: TAG,
    summary: 'The events of the account after one of them, oldest first',
    access: 'billing:read',
    query: eventsAfterQuery,
    answers: { 200: { description: `The events, ${USUAL_LIMIT} without a limit`, schema: eventsAfterAnswer } },
    async run({ query, ...sent }) {
      const caller = callerIn(sent);
      const { after = 0, limit = USUAL_LIMIT } = query;
      const { items } = await listEvents(caller.ctx, caller.accountId, { cursor: { newerThan: after }, size: limit });
      return json({ events: await eventBodies(caller, [...items].reverse()) });
    },
  }),
];

/** What the services read for a page. */
function changesIn({ updated_since: changedSince }: { readonly updated_since?: Date | undefined }, reading: Reading) {
  return { after: reading.after, limit: reading.limit, changedSince };
}

function memoBody(memo: AccountMemo) {
  const money = (amount: AccountMemo['net']) => toFixedMinor(amount, memo.currency);
  return {
    credit_memo_id: shownId(memo.id),
    credit_memo_number: memo.number,
    invoice_id: shownId(memo.invoiceId),
    invoice_number: memo.invoiceNumber,
    billing_group_id: shownId(memo.billingGroupId),
    ...{ state: memo.state, reason: memo.reason, currency: memo.currency },
    ...{ net: money(memo.net), tax: money(memo.tax), total: money(memo.total) },
    issue_time: memo.issuedAt && time(memo.issuedAt),
    update_time: time(memo.sentAt ?? memo.issuedAt ?? memo.createdAt),
  };
}
