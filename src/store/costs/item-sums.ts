import mongoose from 'mongoose';
import type { Period } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128 } from '../kit/decimal.ts';
import { money, text } from '../kit/schema-fields.ts';
import { Costs, type LoadDoc } from './costs.ts';

type Id = mongoose.Types.ObjectId;

/**
 * What one service of a project used of each item that has a quantity, in the usage records of a month, of one load:
 * what tells a change of prices from one of quantities. Stored with the load's other sums, under the same ID, and counts
 * as long as those do (`CostSumDoc`). Loads that an earlier version summed have none.
 */
export interface CostItemsDoc {
  readonly _id: Id;
  readonly accountId: string;
  readonly sumsId: Id;
  readonly projectId: string;
  readonly period: Period;
  readonly serviceName: string;
  readonly currency: string;
  /** Those with the largest amounts. */
  readonly items: readonly StoredItem[];
}

export interface StoredItem {
  readonly item: string;
  readonly unit: string;
  readonly quantity: Decimal128;
  readonly amount: Decimal128;
}

/** Items beyond these add little to a change, and what they add is usage. */
const MOST_ITEMS = 100;
const BATCH = 1_000;

const { Schema } = mongoose;

const itemSchema = new Schema({ item: text, unit: { type: String }, quantity: money, amount: money }, { _id: false });

const costItemsSchema = new Schema<CostItemsDoc>(
  {
    accountId: text,
    sumsId: { type: Schema.Types.ObjectId, required: true },
    projectId: text,
    period: text,
    serviceName: text,
    currency: text,
    items: { type: [itemSchema], required: true },
  },
  { collection: 'cost_items', versionKey: false },
)
  .index({ accountId: 1, sumsId: 1 }, { name: 'items_of_load' })
  .index({ accountId: 1, projectId: 1, period: 1 }, { name: 'items_of_project' });

export const CostItems = mongoose.model('CostItems', costItemsSchema);

interface ItemRow extends Pick<StoredItem, 'quantity' | 'amount'> {
  readonly _id: {
    readonly project: string;
    readonly service: string;
    readonly currency: string;
    readonly period: Period;
    readonly item: string;
    readonly unit: string;
  };
}

/** Computes a load's sums by item and stores them under the ID of its other sums. They don't count yet. */
export async function writeItemSums({ _id, accountId }: Pick<LoadDoc, '_id' | 'accountId'>, sumsId: Id): Promise<void> {
  // late costs are on other invoices than those of their month
  const match = { accountId, loadId: _id, measured: { $exists: true }, late: { $exists: false } };
  const rows = Costs.aggregate<ItemRow>([
    { $match: match },
    {
      $group: {
        _id: {
          ...{ project: '$projectId', service: '$serviceName', currency: '$currency', period: '$period' },
          ...{ item: '$measured.item', unit: '$measured.unit' },
        },
        quantity: { $sum: '$measured.quantity' },
        amount: { $sum: '$amount' },
      },
    },
    // those of one document follow each other, so that only they are in memory
    { $sort: { _id: 1 } },
  ])
    .allowDiskUse(true)
    .cursor({ batchSize: BATCH });
  let batch: Omit<CostItemsDoc, '_id'>[] = [];
  let open: Omit<CostItemsDoc, '_id'> | undefined;
  for await (const row of rows as AsyncIterable<ItemRow>) {
    const of = documentOf(row, { accountId, sumsId });
    if (open && isSame(open, of)) {
      open = { ...open, items: largest([...open.items, ...of.items]) };
      continue;
    }
    if (open) batch.push(open);
    open = of;
    if (batch.length < BATCH) continue;
    await CostItems.insertMany(batch, { lean: true });
    batch = [];
  }
  if (open) await CostItems.insertMany([...batch, open], { lean: true });
}

function documentOf(
  { _id: { project, service, currency, period, item, unit }, quantity, amount }: ItemRow,
  of: { readonly accountId: string; readonly sumsId: Id },
): Omit<CostItemsDoc, '_id'> {
  const items = [{ item, unit, quantity, amount }];
  return { ...of, projectId: project, period, serviceName: service, currency, items };
}

type Key = Pick<CostItemsDoc, 'projectId' | 'period' | 'serviceName' | 'currency'>;

function isSame(a: Key, b: Key): boolean {
  return (
    a.projectId === b.projectId && a.serviceName === b.serviceName && a.currency === b.currency && a.period === b.period
  );
}

function largest(items: readonly StoredItem[]): readonly StoredItem[] {
  if (items.length <= MOST_ITEMS) return items;
  const size = ({ amount }: StoredItem) => fromDecimal128(amount).abs();
  return [...items].sort((a, b) => size(b).comparedTo(size(a))).slice(0, MOST_ITEMS);
}

/** Deletes sums by item. */
export async function deleteItemSums(accountId: string, sumsIds: readonly Id[]): Promise<void> {
  if (sumsIds.length > 0) await CostItems.deleteMany({ accountId, sumsId: { $in: [...sumsIds] } });
}
