import { randomBytes } from 'node:crypto';
import { SlackRefusal } from '../errors.ts';

/** Slack's bot tokens are valid for 12 hours with token rotation. */
export const TOKEN_SECONDS = 43_200;
/** Slack accepts the last two tokens of an installation, in case an answer with a new one is lost. */
const MAX_ACTIVE_TOKENS = 2;

/** The app in a workspace, or in an organization with all its workspaces. */
export interface LocalInstallation {
  /** The workspace's or organization's ID. */
  readonly id: string;
  readonly isEnterprise: boolean;
  /** Who installed the app last. */
  installedBy: string;
  scopes: readonly string[];
  /** Increases with each installation: of a workspace's own and its organization's, the later one serves it. */
  order: number;
  /** Ended installations stay, since their tokens are refused with another error than made-up ones. */
  isEnded: boolean;
}

/** What the app gets in exchange for a code or a refresh token. */
export interface IssuedTokens {
  readonly accessToken: string;
  /** Only with token rotation. */
  readonly refreshToken?: string;
  readonly expiresIn?: number;
}

export interface InstallationsOptions {
  readonly now: () => Date;
  readonly isRotating: boolean;
  /** How long a token is valid, with rotation. */
  readonly tokenSeconds: number;
}

interface AccessToken {
  readonly installation: LocalInstallation;
  /** Undefined for a token that doesn't expire. */
  readonly expiresAt: number | undefined;
  isRevoked: boolean;
}

/** Where the app is installed, and the tokens it got. */
export class Installations {
  readonly #options: InstallationsOptions;
  readonly #byId = new Map<string, LocalInstallation>();
  #count = 0;
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #refreshTokens = new Map<string, { readonly installation: LocalInstallation; isUsed: boolean }>();
  /** Called after the app was installed, or an installation ended. */
  onChange: () => void = () => undefined;

  constructor(options: InstallationsOptions) {
    this.#options = options;
  }

  /** The installation in exactly this workspace or organization, unless it has ended. */
  in(id: string): LocalInstallation | undefined {
    const installation = this.#byId.get(id);
    return installation?.isEnded === false ? installation : undefined;
  }

  /** Installs the app with a token that never expires, as for a single workspace. */
  installFixed(id: string, token: string): void {
    const installation = { id, isEnterprise: false, installedBy: '', scopes: [], order: 0, isEnded: false };
    this.#byId.set(id, installation);
    this.#accessTokens.set(token, { installation, expiresAt: undefined, isRevoked: false });
  }

  /**
   * Installs the app, or installs it again. Slack adds up the scopes. Without rotation, an app that is installed again
   * gets the token that it has.
   */
  install(given: { id: string; isEnterprise: boolean; by: string; scopes: readonly string[] }): IssuedTokens {
    const { id, isEnterprise, by, scopes } = given;
    const known = this.in(id);
    const installation = known ?? { id, isEnterprise, installedBy: by, scopes: [], order: 0, isEnded: false };
    this.#count += 1;
    installation.order = this.#count;
    installation.installedBy = by;
    installation.scopes = [...new Set([...installation.scopes, ...scopes])];
    this.#byId.set(id, installation);
    const tokens = this.#issue(installation);
    this.onChange();
    return tokens;
  }

  /**
   * Exchanges a refresh token, which works once.
   * @throws SlackRefusal invalid_refresh_token
   */
  refresh(refreshToken: string | undefined): { installation: LocalInstallation; tokens: IssuedTokens } {
    const known = this.#refreshTokens.get(refreshToken ?? '');
    if (!known || known.isUsed || known.installation.isEnded) throw new SlackRefusal('invalid_refresh_token');
    known.isUsed = true;
    return { installation: known.installation, tokens: this.#issue(known.installation) };
  }

  /**
   * The installation that a token belongs to.
   * @throws SlackRefusal not_authed, invalid_auth, account_inactive, token_revoked, token_expired
   */
  holderOf(token: string | undefined): LocalInstallation {
    if (token === undefined) throw new SlackRefusal('not_authed');
    const known = this.#accessTokens.get(token);
    if (!known) throw new SlackRefusal('invalid_auth');
    if (known.installation.isEnded) throw new SlackRefusal('account_inactive');
    if (known.isRevoked) throw new SlackRefusal('token_revoked');
    if (known.expiresAt !== undefined && known.expiresAt <= this.#options.now().getTime())
      throw new SlackRefusal('token_expired');
    return known.installation;
  }

  /** The same, or undefined for a token that isn't accepted. */
  holderIfAny(token: string | undefined): LocalInstallation | undefined {
    try {
      return this.holderOf(token);
    } catch {
      return undefined;
    }
  }

  /** @returns whether tokens of this kind were ever issued */
  knows(token: string): boolean {
    return this.#accessTokens.has(token);
  }

  /** @returns whether there are tokens left with which the app can go on */
  revoke(token: string): boolean {
    const known = this.#accessTokens.get(token);
    if (known) known.isRevoked = true;
    return [...this.#activeOf(known?.installation)].length > 0;
  }

  /** Ends an installation, with all its tokens. @returns whether there was one */
  end(id: string): boolean {
    const installation = this.in(id);
    if (!installation) return false;
    installation.isEnded = true;
    this.onChange();
    return true;
  }

  #issue(installation: LocalInstallation): IssuedTokens {
    const { isRotating, tokenSeconds, now } = this.#options;
    if (!isRotating) {
      const [kept] = this.#activeOf(installation);
      const accessToken = kept?.[0] ?? `xoxb-${randomPart()}`;
      if (!kept) this.#accessTokens.set(accessToken, { installation, expiresAt: undefined, isRevoked: false });
      return { accessToken };
    }
    const accessToken = `xoxe.xoxb-1-${randomPart()}`;
    const refreshToken = `xoxe-1-${randomPart()}`;
    const expiresAt = now().getTime() + tokenSeconds * 1000;
    this.#accessTokens.set(accessToken, { installation, expiresAt, isRevoked: false });
    this.#refreshTokens.set(refreshToken, { installation, isUsed: false });
    for (const [, old] of this.#activeOf(installation).slice(0, -MAX_ACTIVE_TOKENS)) old.isRevoked = true;
    return { accessToken, refreshToken, expiresIn: tokenSeconds };
  }

  /** Tokens that are neither revoked nor expired, the oldest first. */
  #activeOf(installation: LocalInstallation | undefined): [string, AccessToken][] {
    const now = this.#options.now().getTime();
    return [...this.#accessTokens].filter(
      ([, one]) => one.installation === installation && !one.isRevoked && (one.expiresAt ?? Infinity) > now,
    );
  }
}

function randomPart(): string {
  return randomBytes(18).toString('base64url').replaceAll('_', 'x');
}
