import type { Clock } from '../billing/clock.ts';
import { type AccountOfPerson, currentAccount } from '../services/accounts.ts';
import type { Ctx, Tick } from '../services/context.ts';
import type { RequestContext } from './context.ts';

/** What handlers need of the product beside Slack. */
export interface Deps {
  readonly clock: Clock;
  nudge(tick: Tick): void;
}

/** A person at the door: in whose name services are called, and the account that it is about. */
export interface Caller extends Pick<AccountOfPerson, 'account' | 'role'> {
  readonly ctx: Ctx;
}

const callers = new WeakMap<RequestContext, Promise<Caller>>();

/** The services' context for whoever sent a request. */
export function contextOf(deps: Deps, { teamId, userId, log }: Pick<RequestContext, 'teamId' | 'userId' | 'log'>): Ctx {
  return { clock: deps.clock, log, nudge: (tick) => deps.nudge(tick), actor: { kind: 'person', teamId, userId } };
}

/** Who asks, and their account; looked up once for each request. @throws {Refusal} `set_up_needed`, `not_a_member` */
export function callerOf(deps: Deps, context: RequestContext): Promise<Caller> {
  const found = callers.get(context) ?? lookUp(deps, context);
  callers.set(context, found);
  return found;
}

/** After the person has chosen another account: it is looked up anew. */
export function forgetCaller(context: RequestContext): void {
  callers.delete(context);
}

async function lookUp(deps: Deps, context: RequestContext): Promise<Caller> {
  const { account, role } = await currentAccount(context.teamId, context.userId);
  return { ctx: { ...contextOf(deps, context), known: { account, role } }, account, role };
}
