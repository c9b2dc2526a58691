import { addDays, dayIn } from '../src/billing/period/day.ts';
import { nextPeriod, toPeriod } from '../src/billing/period/period.ts';
import { isMonthName } from '../src/billing/period/typed-period.ts';
import { Refusal } from '../src/billing/refusal.ts';
import type { CostSplit, ReportOf } from '../src/services/insight/cost-report.ts';
import { findSubject, maybeSubject, type Subject } from '../src/services/insight/subject.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { showCosts } from '../views/costs/cost-report.ts';
import { costsReply, myCostsReply } from '../views/costs/costs.ts';
import { isMine } from './parse/keywords.ts';
import { meant } from './parse/name-beginning.ts';
import { endingWithDays } from './parse/typed-days.ts';
import { currentPeriodOf, monthTyped } from './parse/typed-month.ts';
import { phrase, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const SPLITS = ['day', 'days', 'daily', 'service', 'services', 'project', 'projects', 'tag'] as const;

export function costs(deps: Deps): Subcommand {
  return {
    name: 'costs',
    summary:
      'Show the costs of a month or of some days: of the account, a group, a project, or the projects that you lead.',
    usage: '[mine | GROUP | PROJECT] [MONTH | FROM until UNTIL] [by day, service, project or tag KEY]',
    examples: [
      'costs',
      'costs last month',
      'costs "Team Blue" 2026-10 by project',
      'costs web-shop 2026-10-01 until 2026-10-15 by day',
      'costs last month by tag env',
      'costs mine',
    ],
    topic: 'Costs',
    async run(context, words) {
      const caller = await callerOf(deps, context);
      const { ctx, account } = caller;
      const [first, ...rest] = words;
      const mine = isMine(first ? [first] : []);
      const asked = mine ? undefined : await askedReport(caller, words);
      if (asked) return showCosts(context, ctx, account._id, asked);
      const typed = phrase(mine ? rest : words);
      const period = typed === '' ? undefined : monthTyped(typed, currentPeriodOf(caller));
      const reply = mine ? myCostsReply : costsReply;
      return context.respond(await reply(ctx, account._id, period));
    },
  };
}

/** The report that was asked for; undefined for a month’s overview, which has more than usage. */
async function askedReport(caller: Caller, words: readonly Word[]): Promise<ReportOf | undefined> {
  const { ctx, account } = caller;
  const { before, split, tag } = readSplit(words);
  const today = dayIn(ctx.clock.now(), account.timeZone);
  const read = endingWithDays(before, today);
  // a name can end with a month, such as "Team May"
  const isName = read && read.name !== '' && isMonthName(read.typed);
  const whole = isName ? await maybeSubject(ctx, account._id, phrase(before)) : undefined;
  // a word alone was meant to be a name or a month
  const isUnknown = !read && split === undefined && !(await maybeSubject(ctx, account._id, phrase(before)));
  if (isUnknown) return undefined;
  const days = whole || !read ? { from: `${currentPeriodOf(caller)}-01`, until: today } : read;
  const subject = whole ?? (await findSubject(ctx, account._id, read ? read.name : phrase(before)));
  const isMonth = !read || isWholeMonth(days);
  if (subject.kind === 'account' && split === undefined && isMonth) return undefined;
  return { subject, from: days.from, until: days.until, split: split ?? usualSplit(subject), tag };
}

function usualSplit({ kind }: Subject): CostSplit {
  return kind === 'project' ? 'service' : 'project';
}

function isWholeMonth({ from, until }: { readonly from: string; readonly until: string }): boolean {
  return from.endsWith('-01') && addDays(until, 1) === `${nextPeriod(toPeriod(from.slice(0, 7)))}-01`;
}

/** What follows the last `by`, unless it isn’t a way to split costs, as in a name. */
function readSplit(words: readonly Word[]): { before: readonly Word[]; split?: CostSplit; tag?: string } {
  const at = words.findLastIndex(({ quoted, mention, text }) => !quoted && !mention && text.toLowerCase() === 'by');
  const [kind, ...rest] = at < 0 ? [] : words.slice(at + 1);
  const [found] = kind ? meant(SPLITS, kind.text) : [];
  if (!found) return { before: words };
  const before = words.slice(0, at);
  if (found !== 'tag') return { before, split: SPLIT_NAMES[found] };
  const tag = phrase(rest);
  if (tag !== '') return { before, split: 'tag', tag };
  throw new Refusal('invalid_command', {
    problem: 'Which tag the costs are split by is missing.',
    usage: 'Type its key, such as `/billing costs by tag env`.',
  });
}

const SPLIT_NAMES = {
  ...{ day: 'day', days: 'day', daily: 'day', service: 'service', services: 'service' },
  ...{ project: 'project', projects: 'project' },
} as const satisfies Partial<Record<(typeof SPLITS)[number], CostSplit>>;
