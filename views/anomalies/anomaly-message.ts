import type { Button, KnownBlock } from '@slack/types';
import type { LogEntry } from '../../src/billing/event/event.ts';
import { dayName } from '../../src/billing/period/day.ts';
import type { AnomalySummary, ChangedPart } from '../../src/services/anomalies/anomaly-lists.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { target } from '../kit/action-target.ts';
import { money, USAGE_NOTE } from '../kit/figures.ts';
import { PROJECT_OPEN } from '../kit/open-actions.ts';
import { isPerson, whoText } from '../kit/person.ts';

/** The buttons of an anomaly. Each value is a target with the account and the anomaly. */
export const ANOMALY_EXPECTED_OPEN = 'anomaly.expected.open';
export const ANOMALY_INVESTIGATE_OPEN = 'anomaly.investigate.open';
export const ANOMALY_ASK = 'anomaly.ask';

const PART_NAMES: Readonly<Record<ChangedPart['kind'], string>> = {
  usage_type: 'Usage type',
  region: 'Region',
  resource: 'Resource',
};

/** Unusual costs: how much, since when, what was expected, what changed inside, and what can be done. */
export function anomalyMessage(anomaly: AnomalySummary): Message {
  const text = anomalyTitle(anomaly);
  const blocks: KnownBlock[] = [
    section(`*${text}*\n${anomalyLines(anomaly).join('\n')}`),
    context(USAGE_NOTE),
    actions(anomalyButtons(anomaly)),
  ];
  return { text, blocks };
}

/** The same as a question to a lead of the project. */
export function leadQuestionMessage(anomaly: AnomalySummary): Message {
  const { askedBy, project } = anomaly;
  const who = askedBy !== null && isPerson(askedBy) ? mention(askedBy) : 'Your finance team';
  const text = `${who} asked about the costs of ${escapeMrkdwn(project?.title ?? '')}, a project that you lead`;
  const { text: title, blocks } = anomalyMessage(anomaly);
  return { text: `${text}: ${title}`, blocks: [section(text), ...blocks] };
}

/** What became of an anomaly, as a reply in its thread; undefined for what its sentence says well enough. */
export function anomalyNote({ type, actor, after }: LogEntry): Message | undefined {
  if (type !== 'anomaly_assigned') return undefined;
  const assignee = typeof after === 'object' && after !== null && 'assignee' in after ? String(after.assignee) : '';
  if (!isPerson(assignee)) return undefined;
  const by = assignee === actor ? '' : `, assigned by ${whoText(actor)}`;
  const text = `${mention(assignee)} is investigating these costs${by}`;
  return { text, blocks: [section(text)] };
}

/** `Unusually high costs: Compute in web cost EUR 900.00 on 14 November 2026` */
export function anomalyTitle({
  kind,
  side,
  service,
  project,
  amount,
  currency,
  peak,
  since,
  until,
}: AnomalySummary): string {
  const what = escapeMrkdwn(service);
  if (kind === 'missing_export') {
    const days = since === until ? dayName(since) : `${dayName(since)} to ${dayName(until)}`;
    return `Missing costs: nothing was delivered from ${what} for ${days}`;
  }
  const height = side === 'above' ? 'high' : 'low';
  const where = project === null ? '' : ` in ${escapeMrkdwn(project.title)}`;
  return `Unusually ${height} costs: ${what}${where} cost ${money(amount, currency)} on ${dayName(peak)}`;
}

/** The lines below the title. */
export function anomalyLines(anomaly: AnomalySummary): string[] {
  const { kind, side, low, high, currency, since, until, state, parts, assignee, acceptedBy, reason } = anomaly;
  if (kind === 'missing_export')
    return ['These costs are missing, not saved. Import the export, or check why it wasn’t sent.'];
  const begin = since === until ? `On ${dayName(since)}` : `Since ${dayName(since)}`;
  const span = state === 'ended' && since !== until ? `${dayName(since)} to ${dayName(until)}` : begin;
  return [
    `${span}, ${side === 'above' ? 'above' : 'below'} the expected range of ${money(low, currency)} to ${money(high, currency)} a day`,
    ...parts.map((part) => partLine(part, currency)),
    ...(assignee === null ? [] : [`Investigated by ${whoText(assignee)}`]),
    ...(reason === null ? [] : [`Expected, according to ${whoText(acceptedBy ?? '')}: ${escapeMrkdwn(reason)}`]),
  ];
}

/** The buttons for what can still be done. */
export function anomalyButtons({ accountId, id, kind, service, project, reason }: AnomalySummary): Button[] {
  if (kind === 'missing_export') return [];
  const value = target({ account: accountId, anomaly: id });
  const whose = `${service} in ${project?.title ?? ''}`;
  return [
    ...(reason === null
      ? [button('Mark as expected', ANOMALY_EXPECTED_OPEN, { value, label: `Mark the costs of ${whose} as expected` })]
      : []),
    button('Investigate', ANOMALY_INVESTIGATE_OPEN, { value, label: `Investigate the costs of ${whose}` }),
    button('Ask team lead', ANOMALY_ASK, { value, label: `Ask the leads of ${project?.title ?? 'the project'}` }),
    ...(project === null
      ? []
      : [
          button('View project', PROJECT_OPEN, {
            value: target({ account: accountId, project: project.id }),
            label: `View ${project.title}`,
          }),
        ]),
  ];
}

function partLine({ kind, name, before, now }: ChangedPart, currency: string): string {
  return `${PART_NAMES[kind]} ${escapeMrkdwn(name)}: ${money(now, currency)}, before ${money(before, currency)} a day`;
}
