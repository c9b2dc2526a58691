/** An address as people type it. */
const ADDRESS = /https?:\/\/[^\s<>|]+/g;

export interface SharedLink {
  readonly url: string;
  /** The domain in the app's manifest that covers it. */
  readonly domain: string;
}

/** Text as Slack stores it: addresses stand in angle brackets. */
export function withLinks(text: string): string {
  return text.replace(ADDRESS, (url) => {
    const rest = /[.,;:!?)]+$/.exec(url)?.[0] ?? '';
    return `<${url.slice(0, url.length - rest.length)}>${rest}`;
  });
}

/**
 * The links of a message that the app may unfurl, each once.
 * @param domains as in the manifest: they cover their subdomains, too
 */
export function linksIn(text: string, domains: readonly string[]): SharedLink[] {
  const urls = [...text.matchAll(/<(https?:[^>|]+)(?:\|[^>]*)?>/g)].map(([, url = '']) => unescapeText(url));
  return [...new Set(urls)].flatMap((url) => {
    const domain = URL.canParse(url) ? domains.find((one) => covers(one, url)) : undefined;
    return domain === undefined ? [] : [{ url, domain }];
  });
}

function covers(domain: string, url: string): boolean {
  const { hostname, host } = new URL(url);
  // the page of local mode is at an address with a port, which no real manifest can name
  return host === domain || hostname === domain || hostname.endsWith(`.${domain}`);
}

function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
