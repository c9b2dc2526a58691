import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { type LoadDoc, Loads } from '../../../src/store/costs/costs.ts';
import { CostSums } from '../../../src/store/costs/stored-sums.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { ctx } from '../../support/moves/moves.ts';

useDatabase(migrate);

const HOUR_S = 3_600;

describe('stored sums that others have replaced', () => {
  it('stay for reports that are reading them, and are deleted later', async () => {
    const { _id: accountId } = await anAccount(ctx, { timeZone: 'Etc/UTC', currency: 'EUR' });
    const load = async (): Promise<LoadDoc> => Loads.findOne({ accountId }).orFail().lean<LoadDoc>();
    const rowsOf = async (day: string) => {
      const open = () => Readable.from([Buffer.from(`${FOCUS_HEAD}\n${costRow('1.00', { project: 'p', day })}\n`)]);
      await importFocus(ctx, { accountId, fileName: `${day}.csv`, replace: false, open });
      const { sums } = await load();
      if (!sums) throw new Error('The load isn’t summed');
      return sums.id;
    };
    const stored = async () => new Set((await CostSums.find({ accountId }).lean()).map(({ sumsId }) => String(sumsId)));

    const first = await rowsOf('2026-03-10');
    const second = await rowsOf('2026-03-11');
    expect(second).not.toEqual(first);
    expect(await stored()).toEqual(new Set([first, second].map(String)));

    // as if the first had been made two hours ago, and replaced an hour ago by others
    const ago = (hours: number) =>
      mongoose.Types.ObjectId.createFromTime(Math.floor(Date.now() / 1_000) - hours * HOUR_S);
    const [old, next] = [ago(2), ago(1)];
    await CostSums.updateMany({ accountId, sumsId: first }, { $set: { sumsId: old } });
    await Loads.updateOne({ accountId }, { $set: { oldSums: [next, old] } });
    const third = await rowsOf('2026-03-12');
    expect(await stored()).toEqual(new Set([second, third].map(String)));
    // `next` was only replaced just now
    expect((await load()).oldSums?.map(String).sort()).toEqual([next, second].map(String).sort());
  });
});
