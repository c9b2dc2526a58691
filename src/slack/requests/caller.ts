import type { Clock } from '../../billing/period/clock.ts';
import { sightOf } from '../../services/access/sight.ts';
import { type AccountOfPerson, accountsOf, currentAccount } from '../../services/accounts/accounts.ts';
import type { Ctx, Tick } from '../../services/kit/context.ts';
import type { CardProvider } from '../../services/settlement/card-provider.ts';
import type { SourceTools } from '../../services/sources/source-storage.ts';
import { refusalInFull } from '../refusal-texts/index.ts';
import type { RequestContext } from './request-context.ts';

/** What handlers need from the product besides Slack. */
export interface Deps {
  readonly clock: Clock;
  /** Charges cards; undefined if no provider is connected. */
  readonly cards?: CardProvider | undefined;
  /** Reads sources of costs; undefined if this process can't. */
  readonly sources?: SourceTools | undefined;
  /** See `Ctx.linkBase`. */
  readonly linkBase?: string | undefined;
  nudge(tick: Tick): void;
}

/** The person behind a request: the actor for services, and the account it is about. */
export interface Caller extends Pick<AccountOfPerson, 'account' | 'role'> {
  readonly ctx: Ctx;
  /** All of the person's accounts, by name. */
  readonly all: readonly AccountOfPerson[];
}

const callers = new WeakMap<RequestContext, Promise<Caller>>();

/** The services' context for the person who sent a request. */
export function contextOf(
  deps: Deps,
  { teamId, userId, log, about }: Pick<RequestContext, 'teamId' | 'userId' | 'log' | 'about'>,
): Ctx {
  const { clock, cards, linkBase } = deps;
  return {
    ...{ clock, log, linkBase, chargesCards: cards !== undefined, cardObstacle: cards?.obstacle },
    explain: refusalInFull,
    nudge: (tick) => deps.nudge(tick),
    entered: (accountId) => about.enter(accountId),
    actor: { kind: 'person', teamId, userId },
  };
}

/** The caller and their account, looked up once per request. @throws {Refusal} `set_up_needed`, `not_a_member` */
export function callerOf(deps: Deps, context: RequestContext): Promise<Caller> {
  const found = callers.get(context) ?? lookUp(deps, context);
  callers.set(context, found);
  return found;
}

async function lookUp(deps: Deps, context: RequestContext): Promise<Caller> {
  const { teamId, userId, about } = context;
  const caller = await callerFor(contextOf(deps, context), { teamId, userId });
  about.know(caller.all.map(({ account }) => ({ id: account._id, name: account.name })));
  return caller;
}

/** Looks up the account again after the person has chosen another one. */
export function forgetCaller(context: RequestContext): void {
  callers.delete(context);
}

/** A person's account and role, in a context that has both. @throws {Refusal} as `callerOf` */
export async function callerFor(ctx: Ctx, who: { readonly teamId: string; readonly userId: string }): Promise<Caller> {
  const all = await accountsOf(who.teamId, who.userId);
  const { account, role } = all.find((one) => one.isCurrent) ?? (await currentAccount(who.teamId, who.userId));
  const actor = { kind: 'person', ...who } as const;
  const sight = await sightOf(account, { role, userId: who.userId }, ctx.clock.now());
  ctx.entered?.(account._id);
  return { ctx: { ...ctx, actor, known: { account, role, sight } }, account, role, all };
}
