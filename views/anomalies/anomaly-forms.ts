import type { ModalView } from '@slack/types';
import { z } from 'zod';
import {
  answerableAnomaly,
  askLeads,
  expectAnomaly,
  investigateAnomaly,
  MAX_REASON_CHARACTERS,
  reasonSchema,
} from '../../src/services/anomalies/anomaly-answers.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { input, section, textInput, usersSelect } from '../../src/slack/blocks/blocks.ts';
import { mention } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { assertPeople } from '../../src/slack/web-api/people.ts';
import { readTarget } from '../kit/action-target.ts';
import { formModal, onForm, openForm, originOf, parseWith } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { ANOMALY_ASK, ANOMALY_EXPECTED_OPEN, ANOMALY_INVESTIGATE_OPEN, anomalyTitle } from './anomaly-message.ts';

const EXPECTED_FORM = 'anomaly.expected';
const EXPECTED_TITLE = 'Expected costs';
const INVESTIGATE_FORM = 'anomaly.investigate';
const INVESTIGATE_TITLE = 'Investigate costs';

const expectedSchema = z.object({ reason: reasonSchema });
const investigateSchema = z.object({ assignee: z.string('Choose who investigates the costs.') });

/** Registers the buttons of anomalies and their forms. */
export function registerAnomalies(app: SlackApp, deps: Deps): void {
  onAction(app, ANOMALY_EXPECTED_OPEN, (request, action) =>
    openForm(request, EXPECTED_TITLE, () =>
      expectedForm(contextOf(deps, request), originIn(request, action.value), {}),
    ),
  );
  onForm<z.infer<typeof expectedSchema>>(app, deps, EXPECTED_FORM, {
    title: EXPECTED_TITLE,
    parse: parseWith(expectedSchema, 'reason'),
    again: ({ reason }, origin, fault, ctx) => expectedForm(ctx, origin, { reason, fault }),
    async work(ctx, { reason }, origin) {
      await expectAnomaly(ctx, nameIn(origin), reason);
      return 'These costs are now expected. They will be reported again if they go beyond this level.';
    },
  });
  onAction(app, ANOMALY_INVESTIGATE_OPEN, (request, action) =>
    openForm(request, INVESTIGATE_TITLE, () =>
      investigateForm(contextOf(deps, request), originIn(request, action.value), { assignee: request.userId }),
    ),
  );
  onForm<z.infer<typeof investigateSchema>>(app, deps, INVESTIGATE_FORM, {
    title: INVESTIGATE_TITLE,
    parse: parseWith(investigateSchema, 'assignee'),
    again: ({ assignee }, origin, fault, ctx) => investigateForm(ctx, origin, { assignee, fault }),
    async work(ctx, { assignee }, origin, request) {
      await answerableAnomaly(ctx, nameIn(origin));
      await assertPeople(request.client, request.teamId, [assignee]);
      await investigateAnomaly(ctx, nameIn(origin), assignee);
      return `${mention(assignee)} is now investigating these costs. Subscribed channels are notified in the message’s thread.`;
    },
  });
  onAction(app, ANOMALY_ASK, async (request, action) => {
    const { account: accountId, anomaly: id } = readTarget(action.value);
    const people = await askLeads(contextOf(deps, request), { accountId, id });
    await request.respond({ text: `The project’s leads get a direct message: ${people.map(mention).join(', ')}.` });
  });
}

function originIn(request: RequestContext, value: string | undefined): Origin {
  const { account, anomaly } = readTarget(value);
  return originOf(request, { account, more: { anomaly } });
}

function nameIn({ account: accountId, more }: Origin): { accountId: string; id: string } {
  return { accountId, id: more.anomaly ?? '' };
}

async function expectedForm(
  ctx: Ctx,
  origin: Origin,
  { reason, fault }: { readonly reason?: string; readonly fault?: string },
): Promise<ModalView> {
  const anomaly = await answerableAnomaly(ctx, nameIn(origin));
  return formModal({
    ...{ title: EXPECTED_TITLE, callbackId: EXPECTED_FORM, submit: 'Mark as expected', close: 'Cancel', origin, fault },
    blocks: [
      section(anomalyTitle(anomaly)),
      input(
        'reason',
        'Reason',
        textInput('anomaly.expected.reason', { initial: reason, maxLength: MAX_REASON_CHARACTERS, multiline: true }),
        {
          hint: 'For the event log and the message’s thread. Costs up to this level aren’t reported again for a year.',
        },
      ),
    ],
  });
}

async function investigateForm(
  ctx: Ctx,
  origin: Origin,
  { assignee, fault }: { readonly assignee: string; readonly fault?: string },
): Promise<ModalView> {
  const anomaly = await answerableAnomaly(ctx, nameIn(origin));
  return formModal({
    ...{ title: INVESTIGATE_TITLE, callbackId: INVESTIGATE_FORM, submit: 'Assign', close: 'Cancel', origin, fault },
    blocks: [
      section(anomalyTitle(anomaly)),
      input('assignee', 'Investigated by', usersSelect('anomaly.investigate.assignee', assignee)),
    ],
  });
}
