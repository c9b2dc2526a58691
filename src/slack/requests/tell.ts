import { modalOf, type Words } from './explain.ts';
import type { Work } from './request-context.ts';

type Way = () => Promise<unknown>;

/**
 * Informs a person that something didn't work, where they are looking: in the open modal, or else in a private message.
 * If Slack rejects one way (a used trigger, a closed view), the next is tried. Never throws, since the caller is
 * already handling an error.
 */
export async function tell(work: Work, words: Words): Promise<void> {
  if (work.context.userId === '') return;
  const failures: unknown[] = [];
  for (const way of waysTo(work, words)) {
    try {
      await way();
      return;
    } catch (error) {
      failures.push(error);
    }
  }
  work.context.log.error({ failures }, 'the reply to the person could not be sent');
}

function waysTo(work: Work, words: Words): readonly Way[] {
  const { notify } = work;
  const { client, triggerId } = work.context;
  const { kind, view: origin } = work.source;
  const view = modalOf(words);
  const ways: Way[] = [];
  const { shown } = work;
  if (shown) ways.push(() => client.views.update({ ...shown, view }));
  else if (kind === 'action' && origin && triggerId) {
    // on top, so that what was typed below isn't lost; the Home tab is never replaced
    const call = { trigger_id: triggerId, view };
    if (origin.type === 'modal') ways.push(() => client.views.push(call));
    else ways.push(() => client.views.open(call));
  } else if (kind === 'shortcut' && triggerId && work.source.responseUrl === undefined) {
    ways.push(() => client.views.open({ trigger_id: triggerId, view }));
  }
  if (!shown && kind === 'action' && origin?.type === 'modal') {
    ways.push(() => client.views.update({ view_id: origin.id, view }));
  }
  ways.push(() => notify({ text: words.text, blocks: words.blocks }));
  return ways;
}
