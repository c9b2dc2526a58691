import { randomBytes } from 'node:crypto';
import { SlackRefusal } from '../errors.ts';

/** Slack's codes are valid for ten minutes. */
const VALID_MS = 600_000;

/** What a person allowed. */
export interface Allowed {
  /** The workspace or organization. */
  readonly id: string;
  readonly isEnterprise: boolean;
  readonly by: string;
  readonly scopes: readonly string[];
  /** As the app asked for it; undefined if it didn't name one. */
  readonly redirectUri: string | undefined;
}

/** The codes that lead from a person's consent to tokens. Each works once. */
export class Codes {
  readonly #now: () => Date;
  readonly #issued = new Map<string, { readonly allowed: Allowed; readonly until: number; isUsed: boolean }>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  issue(allowed: Allowed): string {
    const code = `${randomBytes(5).readUIntBE(0, 5)}.${randomBytes(32).toString('hex')}`;
    this.#issued.set(code, { allowed, until: this.#now().getTime() + VALID_MS, isUsed: false });
    return code;
  }

  /**
   * Uses a code.
   * @param redirectUri as the app repeats it: it has to be the one that it asked with
   * @throws SlackRefusal invalid_code, code_already_used, code_expired, bad_redirect_uri
   */
  use(code: string | undefined, redirectUri: string | undefined): Allowed {
    const known = this.#issued.get(code ?? '');
    if (!known) throw new SlackRefusal('invalid_code');
    if (known.isUsed) throw new SlackRefusal('code_already_used');
    if (known.until <= this.#now().getTime()) throw new SlackRefusal('code_expired');
    if (known.allowed.redirectUri !== redirectUri) throw new SlackRefusal('bad_redirect_uri');
    known.isUsed = true;
    return known.allowed;
  }
}
