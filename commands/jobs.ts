import type { KnownBlock } from '@slack/types';
import { type FailingItem, type JobRun, listFailingItems, listRuns } from '../src/services/background/job-runs.ts';
import { section, context as smallPrint } from '../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { listText, moment } from '../views/kit/figures.ts';
import { mayAdminister } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

export function jobs(deps: Deps): Subcommand {
  return {
    name: 'jobs',
    summary: 'Show the status of background jobs: when each ran last, and what failed.',
    usage: '',
    examples: ['jobs'],
    topic: 'Account',
    allowed: mayAdminister,
    async run(context) {
      const { ctx, account } = await callerOf(deps, context);
      const runs = await listRuns(ctx, account._id);
      const items = await listFailingItems(ctx, account._id);
      const title = titleOf(runs, items);
      await context.respond({
        text: title,
        blocks: [
          section(`*${title}*`),
          section(runs.length === 0 ? 'No job has run yet.' : runs.map(line).join('\n')),
          ...itemBlocks(items),
          smallPrint('Missed runs are caught up automatically.'),
        ],
      });
    },
  };
}

/** As many as fit into a section. */
const MOST_ITEMS = 8;

function titleOf(runs: readonly JobRun[], items: readonly FailingItem[]): string {
  const names = (of: (run: JobRun) => boolean) => runs.filter(of).map(({ _id }) => _id);
  const [failing, late] = [names((run) => run.failures > 0), names((run) => run.isLate)];
  const parts = [
    ...(failing.length > 0 ? [`Failing: ${failing.join(', ')}`] : []),
    ...(late.length > 0 ? [`Late: ${late.join(', ')}`] : []),
    ...(items.length > 0 ? [`Failing items: ${items.length}`] : []),
  ];
  return parts.length === 0 ? 'All jobs are running normally' : parts.join('. ');
}

/** The IDs of items that keep failing in this account. Everything else continues. */
function itemBlocks(items: readonly FailingItem[]): KnownBlock[] {
  if (items.length === 0) return [];
  return [section(`*Failing items in this account*\n${listText(items.map(itemLine), MOST_ITEMS)}`)];
}

function itemLine({ kind, item, failures, notBefore, lastError }: FailingItem): string {
  return `• ${kind} \`${escapeMrkdwn(item)}\` · ${timesFailed(failures)} · next try ${moment(notBefore)}\n      ${escapeMrkdwn(lastError.slice(0, 200))}`;
}

function timesFailed(failures: number): string {
  return failures === 1 ? 'failed once' : `failed ${failures} times in a row`;
}

function line({ _id, endedAt, tookMs, failures, lastError, lastErrorAt, isLate }: JobRun): string {
  const fault =
    lastError === null || lastErrorAt === null
      ? ''
      : `\n      last error ${moment(lastErrorAt)}: ${escapeMrkdwn(lastError)}`;
  const state = failures === 0 ? 'well' : `*${timesFailed(failures)}*`;
  return `• *${_id}* · ${isLate ? '*late* · ' : ''}${state} · ${moment(endedAt)}, ${tookMs} ms${fault}`;
}
