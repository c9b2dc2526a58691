import type { Role } from './role.ts';

/** The scope of an Invoice API token: read only, or read and write. */
export const TOKEN_SCOPES = ['billing:read', 'billing:write'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** The maximum length of a token's name. */
export const TOKEN_NAME_LIMIT = 64;
/** The longest lifetime of a token, in days. Without a lifetime, it doesn't expire. */
export const MOST_TOKEN_DAYS = 3650;

export type TokenStanding = 'active' | 'expired' | 'revoked';

/** Names that the log uses for other actors: Slack users and user groups, and actors that aren't people. */
const NOT_A_NAME = /^(?:[UWS][A-Z0-9]+|automation|operator)$/;

/** The role whose permissions a token has. */
export function roleOfScope(scope: TokenScope): Role {
  return scope === 'billing:write' ? 'owner' : 'viewer';
}

/** Whether a name could be mistaken for another actor in the log. */
export function isReservedName(name: string): boolean {
  return NOT_A_NAME.test(name);
}

export function tokenStanding(
  token: { readonly expiresAt: Date | null; readonly revokedAt: Date | null },
  now: Date,
): TokenStanding {
  if (token.revokedAt) return 'revoked';
  return token.expiresAt && token.expiresAt <= now ? 'expired' : 'active';
}
