import type { PipelineStage } from 'mongoose';
import { asText, commonTags, type LineTag, sharedStart } from '../../billing/invoice/line-tags.ts';
import { Costs } from './costs.ts';

type Match = PipelineStage.Match['$match'];

/**
 * For a `$group` of usage records: the least and the greatest of their lists of tags, in the order of the database,
 * which compares lists tag by tag.
 */
export const TAG_BOUNDS = { leastTags: { $min: '$tags' }, greatestTags: { $max: '$tags' } } as const;

export interface TagBounds {
  readonly leastTags: readonly LineTag[];
  readonly greatestTags: readonly LineTag[];
}

/** A group with the tags that all of its records have. */
export type Tagged<R> = Omit<R, keyof TagBounds> & { readonly tags: readonly LineTag[] };

/**
 * Replaces the bounds of groups by their common tags. What the two bounds don't share isn't common, and what they share
 * at their beginning is, because every list lies between them. Only for groups with something in between, records are
 * read: their tags are counted.
 *
 * @param match of all groups' records, grouped by `key`
 */
export async function withCommonTags<R extends TagBounds & { readonly _id: object; readonly records: number }>(
  match: Match,
  key: PipelineStage.Group['$group']['_id'],
  rows: readonly R[],
): Promise<Tagged<R>[]> {
  const counts = await countsOf(match, key, rows.filter(isUnclear));
  return rows.map(({ leastTags, greatestTags, ...row }) => {
    const shared = commonTags(leastTags, greatestTags);
    const counted = counts.get(JSON.stringify(row._id));
    return { ...row, tags: counted ? shared.filter((tag) => counted.get(asText(tag)) === row.records) : shared };
  });
}

/** Whether the bounds of a group leave open which tags all of its records have. */
export function isUnclear({ leastTags, greatestTags }: TagBounds): boolean {
  return commonTags(leastTags, greatestTags).length > sharedStart(leastTags, greatestTags);
}

/** How many records of each group have a tag that may be common to all. */
async function countsOf(
  match: Match,
  key: PipelineStage.Group['$group']['_id'],
  rows: readonly (TagBounds & { readonly _id: object })[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const counts = new Map<string, Map<string, number>>(rows.map(({ _id }) => [JSON.stringify(_id), new Map()]));
  if (rows.length === 0) return counts;
  const candidates = rows.flatMap(({ leastTags, greatestTags }) => commonTags(leastTags, greatestTags));
  const wanted = [...new Map(candidates.map(({ key, value }) => [asText({ key, value }), { key, value }])).values()];
  const counted = await Costs.aggregate<{ _id: { group: object; tag: LineTag }; records: number }>([
    { $match: { $and: [match, { tags: { $in: wanted } }] } },
    { $unwind: '$tags' },
    { $match: { tags: { $in: wanted } } },
    { $group: { _id: { group: key, tag: '$tags' }, records: { $sum: 1 } } },
  ]).allowDiskUse(true);
  for (const { _id, records } of counted) counts.get(JSON.stringify(_id.group))?.set(asText(_id.tag), records);
  return counts;
}
