import { refusalText } from '../../src/api/refusal-texts.ts';
import type { Clock } from '../../src/billing/period/clock.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import type { Actor, Ctx } from '../../src/services/kit/context.ts';
import type { AccountDoc } from '../../src/store/accounts/accounts.ts';

/** A clock that a test sets. */
export class TestClock implements Clock {
  private instant: Date;

  constructor(instant: string) {
    this.instant = new Date(instant);
  }

  now(): Date {
    return new Date(this.instant);
  }

  set(instant: string): void {
    this.instant = new Date(instant);
  }
}

export const OPERATOR: Actor = { kind: 'operator' };

/** The context for services, with the test's clock and no ticks. */
export function contextAt(clock: Clock, actor: Actor = OPERATOR): Ctx {
  return { clock, log: silentLogger(), actor, explain: refusalText, nudge: () => undefined };
}

export function person(userId: string, teamId = 'T1'): Actor {
  return { kind: 'person', teamId, userId };
}

let made = 0;

/** A new account, owned by U_OWNER. */
export async function anAccount(
  ctx: Ctx,
  input: Partial<{ name: string; timeZone: string; currency: string }> = {},
): Promise<AccountDoc> {
  made += 1;
  return createAccount(
    ctx,
    { teamId: 'T1', userId: 'U_OWNER' },
    { name: `Account ${process.pid} ${made}`, timeZone: 'Etc/UTC', currency: 'USD', financeChannelId: null, ...input },
  );
}
