import { checkAnomalies } from '../src/services/anomalies/anomaly-check.ts';
import { anomaliesToAskAbout, anomalyToAsk, noteLeadAsked } from '../src/services/anomalies/anomaly-questions.ts';
import { eachOfAll, eachStep, type Loop } from '../src/services/background/each-of-all.ts';
import type { Ctx } from '../src/services/kit/context.ts';
import { TOKEN_WORDS } from '../src/services/notices/courier.ts';
import { permanentErrorOf } from '../src/slack/web-api/api-errors.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { leadQuestionMessage } from '../views/anomalies/anomaly-message.ts';
import { withChart } from './kit/anomaly-chart.ts';
import { inReach, messengerFor } from './kit/by-workspace.ts';
import type { Job } from './kit/job.ts';
import { namedMessage } from './kit/named-message.ts';
import { postOnce } from './kit/post-once.ts';

type Question = Awaited<ReturnType<typeof anomaliesToAskAbout>>[number];

const ASKING: Loop<Question> = {
  kind: 'anomaly-lead',
  name: ({ id, userId, accountId }) => ({ id: `${id}:${userId}`, accountId }),
  what: 'ask a project lead about unusual costs',
  inTurn: true,
};

/** Looks for unusual costs, and asks leads about them. */
export function anomaliesJob(messengers: Messengers): Job {
  return {
    name: 'anomalies',
    does: 'finds unusual costs and missing exports after imports, ends those that are over, and asks project leads',
    everyMs: 60_000,
    zone: 'days are in the account’s time zone',
    concurrency: 'each process',
    missed: 'what goes on or ended in the last week is reported, once each',
    run: (ctx) =>
      eachStep(ctx, {
        check: () => checkAnomalies(ctx),
        ask: async () => {
          const due = await inReach(messengers, await anomaliesToAskAbout());
          await eachOfAll(ctx, ASKING, due, (question) => ask(ctx, messengers, question));
        },
      }),
  };
}

/** A person who can't receive direct messages, or doesn't see the project any longer, is left out. */
async function ask(ctx: Ctx, messengers: Messengers, question: Question): Promise<void> {
  const { accountId, id, userId } = question;
  const found = await anomalyToAsk(ctx, question);
  if (found) {
    const messenger = await messengerFor(messengers, accountId);
    try {
      const channelId = await messenger.directMessages(userId);
      const message = await withChart(ctx, messenger, found, leadQuestionMessage(found));
      await postOnce(ctx, messenger, { channelId }, await namedMessage(accountId, message), `anomaly-ask:${id}`);
    } catch (error) {
      const word = permanentErrorOf(error);
      if (word === undefined || TOKEN_WORDS.includes(word)) throw error;
      ctx.log.warn({ anomalyId: id, word }, 'Slack rejected a question to a project lead');
    }
  }
  await noteLeadAsked(question);
}
