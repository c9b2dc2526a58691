import type { RequestListener } from 'node:http';
import { readLinkPath } from '../../services/kit/links.ts';
import { escapeHtml, type Page, sendPage } from './pages.ts';

/**
 * The page that a link leads a browser to. It only depends on the link itself and asks nobody, so it is the same for a
 * link to nothing, and anybody may read it. Slack's own previews of links read it as well.
 */
export function linkPage({ appId }: { readonly appId: string }): RequestListener {
  return (request, response) => {
    request.resume();
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const link = isRead ? readLinkPath(request.url?.split('?', 1)[0] ?? '') : undefined;
    if (!link) {
      response.writeHead(404).end();
      return;
    }
    // a browser asks before it opens the Slack app, and stays here without one
    response.setHeader('refresh', `0; url=${homeOf(appId, link.teamId)}`);
    sendPage(response, openPage(appId, link.teamId));
  };
}

function openPage(appId: string, teamId: string): Page {
  const open = `<a href="${escapeHtml(homeOf(appId, teamId))}">Open the Slack app</a>`;
  const web = `<a href="${escapeHtml(`https://slack.com/app_redirect?app=${appId}&team=${teamId}`)}">open Slack in your browser</a>`;
  return {
    status: 200,
    title: 'Open in Slack',
    body: `<p>This link leads to Billing groups, an app in Slack. ${open}, or ${web}.</p>
<p>To see what it is about, type <code>/billing</code> and the link in Slack, or use the button below the message in which it was shared. You need access to the account.</p>`,
  };
}

/** The app's Home tab: https://docs.slack.dev/interactivity/deep-linking */
function homeOf(appId: string, teamId: string): string {
  return `slack://app?team=${teamId}&id=${appId}&tab=home`;
}
