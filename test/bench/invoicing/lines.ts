import { Readable } from 'node:stream';
import { z } from 'zod';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeGroups } from '../../../src/services/invoicing/close-steps.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { nextLine, startChild } from '../../support/children.ts';
import { benchAccount, ctx, FOCUS_HEAD, focusFile } from '../import.ts';
import { judge, say } from '../measure.ts';

/** Targets. */
const MOST_MS = 1_000;
const MOST_MB = 300;
/** Every row of the file is a line: the numbers of projects and of services have no factor in common. */
const SERVICES = 10;
const PROJECTS = coprime(Number(process.env.BENCH_LINES ?? 100_000) / SERVICES);
const LINES = PROJECTS * SERVICES;
const PERIOD = toPeriod('2024-09');
/** In the account of the large one. */
const OTHERS = 20;
/** Without a limit, V8 collects late on a machine with much memory: up to 500 MB of what is no longer used. */
const BOUNDED = { NODE_OPTIONS: '--max-old-space-size=200 --max-semi-space-size=4' };
const outcome = z.object({
  ...{ seconds: z.number(), megabytes: z.number(), longestMs: z.number(), transactions: z.number() },
});

/**
 * The estimate and the close of one group with very many lines, each in a process of its own, so that its memory is
 * theirs alone; and whether other groups of the account are closed meanwhile.
 */
export async function benchLines(uri: string): Promise<void> {
  const { _id: accountId } = await benchAccount();
  const load = (rows: number) =>
    importFocus(ctx, { accountId, fileName: 'x', replace: false, open: () => focusFile(rows, PROJECTS) });
  await load(LINES);
  const { billingGroupId } = await Invoices.findOne({ accountId, period: PERIOD }).orFail().lean();
  const others = await otherGroups(accountId);
  const run = async (what: 'estimate' | 'close', before: () => Promise<void> = async () => undefined) => {
    const child = startChild(
      'test/children/large-invoice.ts',
      [uri, what, accountId, billingGroupId, PERIOD, ctx.clock.now().toISOString()],
      BOUNDED,
    );
    await nextLine(child);
    const began = performance.now();
    await before();
    const meanwhile = (performance.now() - began) / 1000;
    const result = outcome.parse(JSON.parse(await nextLine(child)));
    await child.ended;
    return { ...result, meanwhile };
  };
  const told = async (what: string, { seconds, megabytes, longestMs, transactions }: z.infer<typeof outcome>) => {
    const { lineCount } = await Invoices.findOne({ accountId, billingGroupId, period: PERIOD }).orFail().lean();
    judge(
      `${what} of a group of ${lineCount} lines in ${seconds.toFixed(1)} s, ${transactions} transactions; the longest, peak memory`,
      { value: longestMs, most: MOST_MS, unit: ' ms' },
      { value: megabytes, most: MOST_MB, unit: ' MB' },
    );
  };
  await told('First estimate', await run('estimate'));
  await told('Estimate without a change', await run('estimate'));
  await load(LINES + 1_000);
  await told('Estimate after 1000 new rows', await run('estimate'));
  const half = others.length / 2;
  const alone = performance.now();
  await closeGroups(ctx, { accountId, groupIds: others.slice(0, half), period: PERIOD });
  const aloneSeconds = (performance.now() - alone) / 1000;
  // as after a long import, so that all lines have to be written
  await Invoices.updateOne({ accountId, billingGroupId, period: PERIOD }, { $set: { computedAt: new Date(0) } });
  const closed = await run('close', async () => {
    await closeGroups(ctx, { accountId, groupIds: others.slice(half), period: PERIOD });
  });
  await told('Close, with all lines to be written,', closed);
  judge(
    `Close of ${half} other groups of the account meanwhile in ${closed.meanwhile.toFixed(2)} s, times the same alone`,
    {
      ...{ value: closed.meanwhile / aloneSeconds, most: 3 },
    },
  );
  say(
    `  ${closed.meanwhile < closed.seconds ? 'they were closed before the large one' : 'they had to WAIT for the large one'}`,
  );
  await Groups.deleteMany({ accountId });
}

/** The next number that has no factor in common with the number of services, which is ten. */
function coprime(number: number): number {
  return number % 2 === 1 && number % 5 !== 0 ? number : coprime(number + 1);
}

/** Groups with a project and one cost each. @returns their IDs */
async function otherGroups(accountId: string): Promise<string[]> {
  const ids: string[] = [];
  const rows: string[] = [];
  for (let at = 0; at < OTHERS; at++) {
    const { _id } = await createGroup(ctx, { accountId, name: `Other ${at}` });
    await createProject(ctx, { accountId, name: `other-${at}`, billingGroupId: _id });
    rows.push(
      `b1,USD,2024-09-01,${at}.5,Usage,2024-09-03T00:00:00Z,2024-09-03T01:00:00Z,Service,other-${at},other-${at},r,\n`,
    );
    ids.push(_id);
  }
  const open = () => Readable.from([Buffer.from([FOCUS_HEAD, ...rows].join(''))]);
  await importFocus(ctx, { accountId, fileName: 'others', replace: false, open });
  return ids;
}
