import type { KnownBlock } from '@slack/types';
import { dayName } from '../../src/billing/period/day.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { dailyChart, dailyChartAlt } from '../../src/documents/chart/chart.ts';
import { costsCsv } from '../../src/documents/csv/costs-csv.ts';
import {
  COST_SPLITS,
  type CostReport,
  type CurrencyCosts,
  costReport,
  type ReportOf,
} from '../../src/services/insight/cost-report.ts';
import { type Subject, subjectById } from '../../src/services/insight/subject.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, section, slackImage, table } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count, money, USAGE_NOTE } from '../kit/figures.ts';
import { chooseDestination, type Wanted } from '../kit/give-file.ts';
import { partialNote } from '../kit/partial.ts';

const COSTS_CSV = 'costs.csv';
/** Identifies a shared file, in place of an invoice's ID; followed by what it is about. */
export const COSTS_FILE = 'costs:';
/** Rows of the table without its heading and the row of all others. */
const MOST_ROWS = 60;
/** More days than this have bars too narrow to see. */
const MOST_BARS = 184;
const HEADINGS = { day: 'Day', service: 'Service', project: 'Project' } as const;

/** Answers with the costs as a table, and then with their chart, which takes longer. */
export async function showCosts(request: RequestContext, ctx: Ctx, accountId: string, of: ReportOf): Promise<void> {
  const report = await costReport(ctx, accountId, { ...of, mostNamed: MOST_ROWS });
  await request.respond(costReportReply(accountId, of.subject, report));
  const [first] = report.currencies;
  if (first && first.days.length > 1) await addChart(request, first);
}

/** The costs in a table, with a button for the file that has all rows. */
function costReportReply(accountId: string, subject: Subject, report: CostReport): Reply {
  const whose = report.subject === null ? '' : ` for ${escapeMrkdwn(report.subject)}`;
  const title = `Costs${whose}, ${daysText(report)}`;
  const [first] = report.currencies;
  if (!first) {
    const none = `No costs${whose}, ${daysText(report)}.`;
    return { text: none, blocks: [section(none), ...partialNote(report)] };
  }
  const totals = report.currencies.map(({ total, currency }) => money(total, currency)).join(' and ');
  const rows = report.currencies.flatMap((one) => rowsOf(report, one));
  const shown = rows.slice(0, MOST_ROWS);
  const value = csvValue(accountId, subject, report);
  const blocks: KnownBlock[] = [
    section(`*${title}: ${totals}*`),
    table([[headingOf(report), 'Costs'], ...shown], { columns: [{ wrapped: true }, { align: 'right' }] }),
    actions([button('Download CSV', COSTS_CSV, { value })]),
    context(
      rows.length > shown.length
        ? `${count(rows.length - shown.length, 'more row')} in the CSV file. ${USAGE_NOTE}`
        : USAGE_NOTE,
    ),
    ...partialNote(report),
  ];
  return { text: `${title}: ${totals}`, blocks };
}

/** Registers the button for the file. */
export function registerCostReport(app: SlackApp, deps: Deps): void {
  onAction(app, COSTS_CSV, (request, action) =>
    chooseDestination(request, action, async () => costsFile(contextOf(deps, request), action.value ?? '')),
  );
}

/** The report’s file, as its button or `Wanted.share` names it. */
export function costsFile(ctx: Ctx, value: string): Wanted {
  const { account, group, project, from, to: until, name } = readTarget(value);
  return {
    ctx,
    key: `${COSTS_FILE}${value}`,
    share: `csv ${account} ${COSTS_FILE}${encodeURIComponent(value)}`,
    make: async () => {
      const [split, ...tag] = name.split(' ');
      const known = COST_SPLITS.find((one) => one === split);
      if (!known)
        throw new Refusal('invalid_command', { problem: 'This button is too old.', usage: 'Type the command again.' });
      const subject = await subjectById(ctx, account, { group, project });
      const report = await costReport(ctx, account, { subject, from, until, split: known, tag: tag.join(' ') });
      const whose = report.subject === null ? '' : ` for ${escapeMrkdwn(report.subject)}`;
      return {
        name: `costs-${from}-${until}.csv`,
        content: Buffer.from(costsCsv(report)),
        comment: `Costs${whose}, ${daysText(report)}`,
      };
    },
  };
}

function csvValue(account: string, subject: Subject, { from, until, split, tag }: CostReport): string {
  return target({
    ...{ account, from, to: until, name: split === 'tag' ? `tag ${tag ?? ''}` : split },
    ...(subject.kind === 'group' && { group: subject.group._id }),
    ...(subject.kind === 'project' && { project: subject.project._id }),
  });
}

function daysText({ from, until }: Pick<CostReport, 'from' | 'until'>): string {
  return from === until ? dayName(from) : `${dayName(from)} to ${dayName(until)}`;
}

function headingOf({ split, tag }: CostReport): string {
  return split === 'tag' ? `Tag ${tag ?? ''}` : HEADINGS[split];
}

function rowsOf({ split, tag }: CostReport, { currency, shares }: CurrencyCosts): string[][] {
  const nameOf = (name: string) => {
    if (split === 'day') return dayName(name);
    return name === '' ? `Without the tag ${tag ?? ''}` : name;
  };
  return shares.map(({ name, amount }) => [nameOf(name), money(amount, currency)]);
}

/** If the picture can’t be drawn or uploaded, the answer is complete without it. */
async function addChart(request: RequestContext, { days, currency }: CurrencyCosts): Promise<void> {
  try {
    const bars = days.slice(-MOST_BARS);
    const altText = dailyChartAlt(bars, currency);
    const content = await dailyChart(bars, currency);
    const fileId = await new Messenger(request.client).uploadImage({ name: 'costs.png', content, altText });
    await request.respond({ text: altText, blocks: [slackImage(fileId, altText)] });
  } catch (error) {
    request.log.warn({ err: error }, 'a chart could not be drawn');
  }
}
