import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Installation } from '@slack/oauth';

const STYLE =
  'body{margin:4rem auto;max-width:34rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color:#1d1c1d;background:#fff}' +
  'h1{font-size:1.5rem}a{color:#1264a3}li{margin:.5rem 0}' +
  '@media (prefers-color-scheme:dark){body{color:#e8e8e8;background:#1a1d21}a{color:#7ab8f5}}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** A small page in the browser of the person who installs the app. */
export interface Page {
  readonly status: number;
  readonly title: string;
  /** HTML, with everything from outside escaped. */
  readonly body: string;
}

/** What comes next after the app was installed. */
export function installedPage({ team, enterprise, appId, isEnterpriseInstall, enterpriseUrl }: Installation): Page {
  const title = 'Billing groups is installed';
  if (isEnterpriseInstall) {
    const manage = `${enterpriseUrl ?? 'https://slack.com/'}manage/organization/apps/profile/${appId ?? ''}/workspaces/add`;
    return {
      ...{ status: 200, title },
      body: `<p>The app is installed for <b>${escapeHtml(enterprise?.name ?? 'your organization')}</b>. Next:</p><ol>
<li><a href="${escapeHtml(manage)}">Choose the workspaces</a> that get it.</li>
<li>In one of them, an admin or owner types <code>/billing</code> and sets up billing. Each workspace has its own accounts.</li>
</ol>`,
    };
  }
  const open = `https://slack.com/app_redirect?app=${appId ?? ''}&team=${team?.id ?? ''}`;
  return {
    ...{ status: 200, title },
    body: `<p>The app is installed in <b>${escapeHtml(team?.name ?? 'your workspace')}</b>. Next:</p><ol>
<li><a href="${escapeHtml(open)}">Open the app in Slack</a>, or type <code>/billing</code> in any channel.</li>
<li>Set up billing: name the account, and choose its time zone, currency and finance channel. You become its first owner.</li>
<li>Drop a cost file in the finance channel. <code>/billing import</code> explains the format.</li>
</ol>`,
  };
}

/** Why the app wasn't installed, and what to do. */
export function failedPage(reason: 'cancelled' | 'state' | 'failed'): Page {
  const again = '<p><a href="/slack/install">Install the app</a></p>';
  const title = 'Billing groups wasn’t installed';
  if (reason === 'cancelled')
    return { status: 200, title, body: `<p>You canceled the installation in Slack.</p>${again}` };
  if (reason === 'state') {
    return {
      ...{ status: 400, title },
      body: `<p>The installation has expired, was completed before, or was begun in another browser. Start again.</p>${again}`,
    };
  }
  return {
    ...{ status: 502, title },
    body: `<p>Slack didn’t complete the installation. Try again in a minute.</p>${again}`,
  };
}

export function sendPage(response: ServerResponse, { status, title, body }: Page): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width">
<style>${STYLE}</style></head><body><h1>${title}</h1>${body}</body></html>`);
}

/** Text for HTML, in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
