import { Refusal } from '../../billing/refusal.ts';
import { type CardSetupDoc, eachOpenSetup, endSetup, insertSetup } from '../../store/settlement/card-setups.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { changeBy, inTransaction } from '../kit/transaction.ts';
import { type CardProvider, ProviderRefusal, type SetupOutcome } from './card-provider.ts';
import { makeCard } from './payment-methods.ts';

const BATCH = 100;
const TAKING: Loop<CardSetupDoc> = {
  kind: 'card-setup',
  whole: 'everywhere',
  name: ({ _id: id, accountId }) => ({ id, accountId }),
  what: 'add a credit card that was entered on the card provider’s page',
  most: BATCH,
  atOnce: 4,
};

/**
 * Opens a page of the provider on which a card is entered. The card number never reaches this product.
 *
 * @returns the page's address, which is valid for a day
 * @throws {Refusal} `no_card_provider`, `role_needed`
 */
export async function beginCardSetup(ctx: Ctx, provider: CardProvider | undefined, accountId: string): Promise<string> {
  const { account } = await admit(ctx, accountId, 'edit_groups');
  if (!provider) throw new Refusal('no_card_provider');
  const { actor } = ctx;
  const { id, url } = await provider.openSetup({ accountId, teamId: account.teamId });
  const askedBy = actor.kind === 'person' ? actor.userId : null;
  const { teamId } = account;
  await insertSetup({ _id: id, accountId, state: 'open', askedBy, teamId, askedAt: ctx.clock.now() });
  return url;
}

/**
 * Adds the cards that were entered since, each once, on behalf of the person who requested the page. @returns how many
 */
export async function storeNewCards(ctx: Ctx, provider: CardProvider): Promise<number> {
  let taken = 0;
  const take = async ({ _id, accountId, askedBy, teamId }: CardSetupDoc) => {
    const outcome = await outcomeOf(ctx, provider, _id);
    if (outcome.state === 'open') return;
    await inTransaction(ctx, async (tx) => {
      const state = outcome.state === 'done' ? 'done' : 'expired';
      if (!(await endSetup(tx, accountId, _id, state)) || outcome.state !== 'done') return;
      const actor = askedBy === null ? tx.actor : ({ kind: 'person', teamId, userId: askedBy } as const);
      await makeCard(changeBy(actor, tx), accountId, outcome.card);
    });
    if (outcome.state === 'done') taken += 1;
  };
  await eachOfAll(ctx, TAKING, eachOpenSetup(), take);
  return taken;
}

/** A page that the provider no longer knows counts as expired. People can open another. */
async function outcomeOf(ctx: Ctx, provider: CardProvider, id: string): Promise<SetupOutcome> {
  try {
    return await provider.setupOutcome(id);
  } catch (error) {
    if (!(error instanceof ProviderRefusal)) throw error;
    ctx.log.warn({ setup: id, err: error }, 'the card provider no longer has this card page');
    return { state: 'expired' };
  }
}
