import { type JobRun, listRuns } from '../src/services/job-runs.ts';
import { section, context as smallPrint } from '../src/slack/blocks.ts';
import { callerOf, type Deps } from '../src/slack/caller.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { moment } from '../views/shared.ts';
import type { Subcommand } from './router.ts';
import { mayAdminister } from './who.ts';

export function jobs(deps: Deps): Subcommand {
  return {
    name: 'jobs',
    summary: 'How what happens by itself fares: when it ran last, and what went wrong.',
    usage: '',
    examples: ['jobs'],
    topic: 'Account',
    allowed: mayAdminister,
    async run(context) {
      const { ctx, account } = await callerOf(deps, context);
      const runs = await listRuns(ctx, account._id);
      const title = titleOf(runs);
      await context.respond({
        text: title,
        blocks: [
          section(`*${title}*`),
          section(runs.length === 0 ? 'None has run yet.' : runs.map(line).join('\n')),
          smallPrint('Each looks for what is due in the data: a run that was missed is made up for by the next.'),
        ],
      });
    },
  };
}

function titleOf(runs: readonly JobRun[]): string {
  const names = (of: (run: JobRun) => boolean) => runs.filter(of).map(({ _id }) => _id);
  const [failing, late] = [names((run) => run.failures > 0), names((run) => run.isLate)];
  const parts = [
    ...(failing.length > 0 ? [`Failing: ${failing.join(', ')}`] : []),
    ...(late.length > 0 ? [`Late: ${late.join(', ')}`] : []),
  ];
  return parts.length === 0 ? 'All jobs run well' : parts.join('. ');
}

function line({ _id, endedAt, tookMs, failures, lastError, lastErrorAt, isLate }: JobRun): string {
  const fault =
    lastError === null || lastErrorAt === null
      ? ''
      : `\n      last error ${moment(lastErrorAt)}: ${escapeMrkdwn(lastError)}`;
  const state = failures === 0 ? 'well' : `*failed ${failures} times in a row*`;
  return `• *${_id}* · ${isLate ? '*late* · ' : ''}${state} · ${moment(endedAt)}, ${tookMs} ms${fault}`;
}
