import type { EventFromType } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import { type LinkTarget, readLink } from '../../src/services/kit/links.ts';
import { once } from '../../src/services/kit/once-a-day.ts';
import { linkPreview } from '../../src/services/notices/link-previews.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { type EventContext, onEvent } from '../../src/slack/app/listeners.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { refusalOf } from '../../src/slack/web-api/api-errors.ts';
import { isOnlyOfThisWorkspace } from '../../src/slack/web-api/channels.ts';
import { unfurlBlocks } from './link-unfurl.ts';

type LinkShared = EventFromType<'link_shared'>;

/** How many links of a message are shown. */
const MOST_LINKS = 5;
/** In the event: a message that was posted, not one that somebody is still writing. */
const POSTED = 'conversations_history';

/**
 * Shows what a channel may see of the links in a message. The person who shared them requested nothing and must not
 * learn what exists. So there is never a message instead: links to nothing, links that they or the channel don't see,
 * and failures all look the same.
 */
export function registerSharedLinks(app: SlackApp, deps: Deps): void {
  onEvent(
    app,
    'link_shared',
    async (context, event, { eventId }) => {
      const links = linksIn(deps.linkBase, context.teamId, event);
      if (links.size === 0) return;
      try {
        await once(deps, `event ${context.teamId} ${eventId}`, () => show(deps, context, event, links));
      } catch (error) {
        logFailure(context, error);
      }
    },
    { isSilent: true },
  );
}

/** The links that could be shown, by their addresses. */
function linksIn(base: string | undefined, teamId: string, event: LinkShared): ReadonlyMap<string, LinkTarget> {
  const isRead = event.source === POSTED && event.is_bot_user_member;
  if (base === undefined || !isRead) return new Map();
  const all = event.links.flatMap(({ url }): [string, LinkTarget][] => {
    const link = readLink(base, url);
    return link?.teamId === teamId ? [[url, link]] : [];
  });
  return new Map(all.slice(0, MOST_LINKS));
}

async function show(
  deps: Deps,
  context: EventContext,
  { user, channel, message_ts: ts }: LinkShared,
  links: ReadonlyMap<string, LinkTarget>,
): Promise<void> {
  const ctx = contextOf(deps, { ...context, userId: user });
  const unfurls: Record<string, { blocks: KnownBlock[] }> = {};
  for (const [url, link] of links) {
    const preview = await linkPreview(ctx, link, channel);
    if (preview) unfurls[url] = { blocks: unfurlBlocks(link, preview) };
  }
  if (Object.keys(unfurls).length === 0 || !(await isOnlyOfThisWorkspace(context.client, channel))) return;
  await context.client.chat.unfurl({ channel, ts, unfurls });
}

/** Slack refuses where the app was installed without the scopes for links, or the message is gone. */
function logFailure({ log }: EventContext, error: unknown): void {
  const code = refusalOf(error);
  if (code === undefined) log.warn({ err: error }, 'a link could not be shown');
  else log.info({ code }, 'Slack didn’t accept the preview of a link');
}
