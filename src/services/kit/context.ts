import type { Role } from '../../billing/account/role.ts';
import type { Clock } from '../../billing/period/clock.ts';
import type { Refusal } from '../../billing/refusal.ts';
import type { DocumentPool } from '../../documents/pool.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Admission } from '../access/admission.ts';
import type { CardProvider } from '../settlement/card-provider.ts';

/** The caller of a service. */
export type Actor =
  | { readonly kind: 'person'; readonly teamId: string; readonly userId: string }
  /** The product, for automatic actions. */
  | { readonly kind: 'automation' }
  /** A person with access to the server's command line, who may do everything. */
  | { readonly kind: 'operator' }
  /**
   * A program with an API token. It has access to the token's account only, and appears in the log under the token's
   * name.
   */
  | {
      readonly kind: 'token';
      readonly tokenId: string;
      readonly accountId: string;
      readonly name: string;
      readonly role: Role;
    };

/** Background work that runs automatically and can also be requested immediately. */
export type Tick =
  | 'number-events'
  | 'estimates'
  | 'close'
  | 'imports'
  | 'news'
  | 'home'
  | 'vat'
  | 'cards'
  | 'credits'
  | 'moves'
  | 'user-groups'
  | 'owners'
  | 'people'
  | 'dry-run'
  | 'charges'
  | 'reminders'
  | 'mails'
  | 'budgets'
  | 'digests'
  | 'anomalies'
  | 'reviews'
  | 'retention'
  | 'sources';

/** What every service needs in addition to its input. */
export interface Ctx {
  readonly clock: Clock;
  readonly log: Logger;
  readonly actor: Actor;
  /** Accounts to which this request was already admitted, so that several reads need one check. Changes check again. */
  readonly known?: Admission;
  /** Told the account that the caller was admitted to, so that the answer can name it. */
  entered?(accountId: string): void;
  /** Whether cards are charged here; absent if they aren't. */
  readonly chargesCards?: boolean;
  /** Why the card provider can't charge an amount, if known without asking it; absent if no cards are charged. */
  readonly cardObstacle?: CardProvider['obstacle'] | undefined;
  /** Generates documents; by default, the threads of this process. */
  readonly documents?: DocumentPool;
  /** Where browsers reach this app, for links to what it shows; absent if they don't. */
  readonly linkBase?: string | undefined;
  /** The text of a refusal where it is stored, such as in the event log; its code by default. */
  readonly explain?: (refusal: Refusal) => string;
  /** Requests an early tick in this process after a commit. It may get lost, because ticks also come automatically. */
  nudge(tick: Tick): void;
}

/** The actor's name in the event log. */
export function actorName(actor: Actor): string {
  if (actor.kind === 'person') return actor.userId;
  return actor.kind === 'token' ? actor.name : actor.kind;
}

/** The same context, for automatic actions of the product. */
export function automatic(ctx: Ctx): Ctx {
  return { ...ctx, actor: { kind: 'automation' } };
}
