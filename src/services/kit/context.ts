import type { Role } from '../../billing/account/role.ts';
import type { Clock } from '../../billing/period/clock.ts';
import type { Refusal } from '../../billing/refusal.ts';
import type { DocumentPool } from '../../documents/pool.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Admission } from '../access/admission.ts';
import type { CardProvider } from '../settlement/card-provider.ts';

/** Who asks for something to be done. */
export type Actor =
  | { readonly kind: 'person'; readonly teamId: string; readonly userId: string }
  /** The product by itself. */
  | { readonly kind: 'automation' }
  /** Anyone who has the machine's command line: may do everything. */
  | { readonly kind: 'operator' }
  /** A program with a token of an account's: sees that account alone, and is named in the log by its token's name. */
  | {
      readonly kind: 'token';
      readonly tokenId: string;
      readonly accountId: string;
      readonly name: string;
      readonly role: Role;
    };

/** What happens by itself, and can be asked to happen at once. */
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
  | 'dry-run'
  | 'charges'
  | 'reminders'
  | 'mails'
  | 'budgets';

/** What every service needs to know beside its input. */
export interface Ctx {
  readonly clock: Clock;
  readonly log: Logger;
  readonly actor: Actor;
  /** Whom this request has let in already, so that reading for one answer asks once; what changes things asks again. */
  readonly known?: Admission;
  /** Whether cards are charged here; absent: they are not. */
  readonly chargesCards?: boolean;
  /** Why the card provider can't charge an amount, known without asking; absent where no cards are charged. */
  readonly cardObstacle?: CardProvider['obstacle'] | undefined;
  /** Who generates documents; absent: the threads of this process. */
  readonly documents?: DocumentPool;
  /** How a refusal reads where it is stored, such as in the event log; absent: its code. */
  readonly explain?: (refusal: Refusal) => string;
  /** Asks for a tick soon, in this process, after a commit; a hint that may be lost, since every tick comes by itself. */
  nudge(tick: Tick): void;
}

/** The actor as the event log names it. */
export function actorName(actor: Actor): string {
  if (actor.kind === 'person') return actor.userId;
  return actor.kind === 'token' ? actor.name : actor.kind;
}

/** The same context, for what the product does by itself. */
export function automatic(ctx: Ctx): Ctx {
  return { ...ctx, actor: { kind: 'automation' } };
}
