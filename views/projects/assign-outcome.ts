import { Refusal } from '../../src/billing/refusal.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { askMove } from '../../src/services/moves/move-ask.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { refusalInFull } from '../../src/slack/refusal-texts/index.ts';
import { moveResultText } from '../moves/move-words.ts';

/**
 * Moves projects into a group, and describes the result. An error is described too, since the step before it is done.
 */
export async function assignResultText(
  ctx: Ctx,
  input: { accountId: string; projectIds: readonly string[]; toGroupId: string },
): Promise<string> {
  try {
    return moveResultText(await askMove(ctx, { ...input, effect: 'period_start', reason: '' }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `Its projects weren’t moved: ${escapeMrkdwn(refusalInFull(error))}`;
  }
}
