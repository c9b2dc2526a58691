import { Refusal } from '../../billing/refusal.ts';
import { accountById } from '../../store/accounts/account-reads.ts';
import { isMember } from '../../store/accounts/member-reads.ts';
import { anomaliesToAsk } from '../../store/anomalies/anomaly-reads.ts';
import { noteAsked } from '../../store/anomalies/anomaly-writes.ts';
import { sightOfUser } from '../access/sight.ts';
import { automatic, type Ctx } from '../kit/context.ts';
import { type AnomalySummary, getAnomaly, seenAnomaly } from './anomaly-lists.ts';

/** A lead who is to be asked about an anomaly. */
export interface LeadQuestion {
  readonly accountId: string;
  /** The anomaly's ID. */
  readonly id: string;
  readonly userId: string;
}

/** Across all accounts: the leads who are still to be asked, the oldest anomaly first. */
export async function anomaliesToAskAbout(): Promise<LeadQuestion[]> {
  return (await anomaliesToAsk()).flatMap(({ _id: id, accountId, toAsk }) =>
    toAsk.map((userId) => ({ accountId, id, userId })),
  );
}

/** The anomaly, and who asks; undefined if the person has left the account or doesn't see the project any longer. */
export async function anomalyToAsk(
  ctx: Ctx,
  { accountId, id, userId }: LeadQuestion,
): Promise<AnomalySummary | undefined> {
  const account = await accountById(accountId);
  if (!account || !(await isMember(accountId, userId))) return undefined;
  try {
    await seenAnomaly(ctx, { accountId, id, sight: await sightOfUser(account, userId, ctx.clock.now()) });
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
  return getAnomaly(automatic(ctx), accountId, id);
}

/** Stores that a lead was asked, or can't be. */
export async function noteLeadAsked({ accountId, id, userId }: LeadQuestion): Promise<void> {
  await noteAsked({ _id: id, accountId }, userId);
}
