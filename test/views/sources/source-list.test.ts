import { afterAll, expect, it } from '@jest/globals';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { sourcesModal } from '../../../views/sources/source-list.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { aFolderSource, costFile, costRow, runNow, SourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-10-20T12:00:00Z'));
const folder = new SourceFolder();
afterAll(() => folder.end());

it('shows of each month that has to be confirmed what would change, with its own buttons, within the limit of blocks', async () => {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  const id = await aFolderSource(ctx, folder.tools, accountId, { restated: 'ask', typed: { path: '' } });
  const restate = async (months: readonly string[]) => {
    for (const cost of ['10', '11']) {
      for (const month of months) folder.put({ [`${month}.csv`]: costFile([costRow(cost, { month })]) });
      await runNow(ctx, folder.tools, accountId, id);
    }
  };
  await restate(['2026-06', '2026-07', '2026-08', '2026-09', '2026-10']);
  const shown = JSON.stringify(await sourcesModal(ctx, accountId));
  for (const month of ['June', 'July', 'August', 'September', 'October']) {
    expect(shown).toContain(
      `*Not confirmed yet: ${month} 2026*\\n• p1: EUR 10.00 (1 record) became EUR 11.00 (1 record)`,
    );
    expect(shown).toContain(`"accessibility_label":"Confirm restatement: ${month} 2026"`);
    expect(shown).toContain(`"accessibility_label":"Keep current costs: ${month} 2026"`);
  }
  for (let at = 2; at <= 20; at += 1) await aFolderSource(ctx, folder.tools, accountId, { name: `Source ${at}` });
  await restate(['2026-01', '2026-02', '2026-03', '2026-04', '2026-05']);
  const { blocks } = await sourcesModal(ctx, accountId);
  expect(blocks.length).toBeLessThanOrEqual(100);
  expect(JSON.stringify(blocks)).toContain('1 more month to confirm after these');
});
