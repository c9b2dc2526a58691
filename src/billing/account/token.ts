import type { Role } from './role.ts';

/** What a token of the Invoice API is good for: to read, or to change things too. */
export const TOKEN_SCOPES = ['billing:read', 'billing:write'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** How long a token's name may be. */
export const TOKEN_NAME_LIMIT = 64;
/** The longest that a token can be made for, in days; without a number it does not expire. */
export const MOST_TOKEN_DAYS = 3650;

export type TokenStanding = 'active' | 'expired' | 'revoked';

/** Names that the log uses for somebody else: people and user groups of Slack, and those who are no people. */
const NOT_A_NAME = /^(?:[UWS][A-Z0-9]+|automation|operator)$/;

/** What a token does, it does with the rights of this role. */
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
