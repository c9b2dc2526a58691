import type { PipelineStage } from 'mongoose';
import type { Decimal } from '../../billing/money/money.ts';
import { type Decimal128, fromDecimal128 } from '../kit/decimal.ts';
import { Costs } from './costs.ts';
import { type DaysOf, recordMatches } from './day-cells.ts';

/** The costs with one value of a tag, in the currency of the cost files. */
export interface TagCell {
  readonly value: string;
  readonly currency: string;
  readonly amount: Decimal;
}

/**
 * The costs of days by the value of one tag; costs without it are left out. Tags are on no stored sum, so this reads the
 * records. Three queries.
 */
export async function tagCells(of: DaysOf, key: string): Promise<TagCell[]> {
  const group: PipelineStage.Group = {
    $group: { _id: { value: '$tags.value', currency: '$currency' }, amount: { $sum: '$amount' } },
  };
  const cells: TagCell[] = [];
  for (const match of await recordMatches(of)) {
    const rows = await Costs.aggregate<{ _id: { value: string; currency: string }; amount: Decimal128 }>([
      { $match: { $and: [match, { 'tags.key': key }] } },
      { $unwind: '$tags' },
      { $match: { 'tags.key': key } },
      group,
    ]);
    cells.push(...rows.map(({ _id, amount }) => ({ ..._id, amount: fromDecimal128(amount) })));
  }
  return cells;
}
