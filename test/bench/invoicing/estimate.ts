import { importFocus } from '../../../src/services/costs/imports.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { benchAccount, ctx, focusFile } from '../import.ts';
import { judge, measure, RUNS, say } from '../measure.ts';

/** Targets. */
const MOST_COMMANDS = 5;
const MOST_MS = 200;
/** What looks for estimates to be recalculated, however many there are. */
const OF_THE_LOOP = /item_failures|find invoices|find accounts/;
const LINES = 10_000;
const NEW_ROWS = 1_000;
/** Has no factor in common with the number of services, so that almost every row is another line. */
const PROJECTS = 999;

/** The estimate of one group with 10,000 lines after 1,000 new rows, and after a change that concerns no figure. */
export async function benchEstimate(): Promise<void> {
  const { _id: accountId } = await benchAccount();
  let rows = LINES;
  const load = () =>
    importFocus(ctx, { accountId, fileName: 'x', replace: false, open: () => focusFile(rows, PROJECTS) });
  await load();
  await refreshEstimates(ctx);
  const queries = new QueryCounter();
  let commands: string[] = [];
  const { _id: large, lineCount } = await Invoices.findOne({ accountId }).sort({ lineCount: -1 }).orFail().lean();
  const refresh = async () => {
    await refreshEstimates(ctx);
    commands = queries.take().filter((command) => !OF_THE_LOOP.test(command));
  };
  const changed = await measure(
    RUNS,
    async () => {
      rows += NEW_ROWS;
      await load();
      // the import touches the estimate of the month after, too
      await Invoices.updateMany({ accountId, _id: { $ne: large } }, { $set: { touchedAt: null } });
      queries.take();
    },
    refresh,
  );
  const { length } = commands;
  const same = await measure(
    RUNS,
    async () => {
      await Invoices.updateOne({ _id: large }, { $set: { touchedAt: new Date() } });
      queries.take();
    },
    refresh,
  );
  for (const [when, { median }, count] of [
    [`after ${NEW_ROWS} new rows`, changed, length],
    ['if no figure has changed', same, commands.length],
  ] as const) {
    judge(
      `Estimate of a group of ${lineCount} lines ${when}`,
      { value: count, most: MOST_COMMANDS, unit: ' commands' },
      { value: median * 1000, most: MOST_MS, unit: ' ms' },
    );
  }
  say(`  ${commands.join(', ')}`);
}
