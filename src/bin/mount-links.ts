import { limitedPage } from '../api/requests/limited-page.ts';
import type { HttpServer } from '../platform/http-server.ts';
import type { LinkSettings } from '../platform/settings.ts';
import { LINKS_PATH } from '../services/kit/links.ts';
import { linkPage } from '../slack/install/link-page.ts';

/** Mounts the page that links lead to, on the process's existing server. */
export function mountLinks(server: HttpServer, { appId, ...limit }: LinkSettings): void {
  server.mount(LINKS_PATH, limitedPage(linkPage({ appId }), limit));
}
