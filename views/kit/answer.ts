import type { SlackApp } from '../../src/slack/app/app.ts';
import { type Action, onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { loading, modal } from '../../src/slack/blocks/blocks.ts';
import { type PageValue, pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';

/**
 * Answers a click where the person is looking: on Home or in a modal with a modal, since a message would arrive unseen in
 * their messages with the app; in a message with another one.
 */
export async function answer(
  request: RequestContext,
  { view }: Pick<Action, 'view'>,
  title: string,
  replyOf: () => Promise<Reply>,
): Promise<void> {
  if (!view) return request.respond(await replyOf());
  const opened = await request.openModal(loading(title));
  await opened.update(modalOf(title, await replyOf()));
}

/** Registers the buttons for the other pages of a list that was given with `answer`. */
export function onAnswerPages(
  app: SlackApp,
  of: { readonly actionId: string; readonly title: string },
  replyOf: (request: RequestContext, value: { readonly page: number } & PageValue) => Promise<Reply>,
): void {
  onAction(app, pagerActions(of.actionId), async (request, { value, view }) => {
    const asked = readPager(value);
    if (!asked) return;
    const reply = await replyOf(request, asked);
    await answerAgain(request, { view }, of.title, reply);
  });
}

/** Replaces an answer, where it is, with a newer one. */
export async function answerAgain(
  request: RequestContext,
  { view }: Pick<Action, 'view'>,
  title: string,
  reply: Reply,
): Promise<void> {
  if (view) await request.client.views.update({ view_id: view.id, view: modalOf(title, reply) });
  else await request.respond({ ...reply, replace: true });
}

function modalOf(title: string, { blocks = [] }: Reply) {
  return modal({ title, blocks });
}
