/** The path below which all links are. */
export const LINKS_PATH = '/links';

/** What has an address: an invoice, a billing group, a move request. */
export type LinkKind = 'invoice' | 'group' | 'move';
/** By the prefix of their IDs. */
const KINDS: Readonly<Record<string, LinkKind>> = { inv: 'invoice', bg: 'group', mov: 'move' };

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const PATH = new RegExp(`^${LINKS_PATH}/(T[A-Z0-9]{1,20})/(acc_${UUID})/((inv|bg|mov)_${UUID})$`);

/** What a link names. It says nothing else, and doesn't give access. */
export interface LinkTarget {
  /** The Slack workspace of the account. */
  readonly teamId: string;
  readonly accountId: string;
  readonly kind: LinkKind;
  readonly id: string;
}

/** The address of an object. @param base an origin, without a slash at the end */
export function linkTo(base: string, { teamId, accountId, id }: Omit<LinkTarget, 'kind'>): string {
  return `${base}${LINKS_PATH}/${teamId}/${accountId}/${id}`;
}

/** Reads an address, exactly as `linkTo` writes it. Undefined for every other one. */
export function readLink(base: string, url: string): LinkTarget | undefined {
  return url.startsWith(base) ? readLinkPath(url.slice(base.length)) : undefined;
}

/** Reads the path of an address. Undefined for every other one. */
export function readLinkPath(path: string): LinkTarget | undefined {
  const [, teamId, accountId, id, prefix = ''] = PATH.exec(path) ?? [];
  const kind = KINDS[prefix];
  if (teamId === undefined || accountId === undefined || id === undefined || kind === undefined) return undefined;
  return { teamId, accountId, kind, id };
}
