import { randomUUID } from 'node:crypto';

/** Prefixes that show people what an ID refers to. */
export type IdPrefix =
  | 'acc'
  | 'bg'
  | 'prj'
  | 'mem'
  | 'inv'
  | 'imp'
  | 'map'
  | 'sub'
  | 'pm'
  | 'cam'
  | 'crd'
  | 'mov'
  | 'adj'
  | 'pay'
  | 'bnk'
  | 'memo'
  | 'tok'
  | 'rev'
  | 'anm'
  | 'src'
  | 'del';

/** Part of a list in the order of IDs, which never changes: the first ones, after an ID. */
export interface IdPart {
  /** Absent for the beginning. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Matches what comes after an ID. Adds nothing to a query that reads from the beginning. */
export function pastId({ after }: IdPart): { _id?: { $gt: string } } {
  return after === undefined ? {} : { _id: { $gt: after } };
}

/** A new ID, such as `bg_5f0c…`: a prefix, and a UUID, which the published API shows. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomUUID()}`;
}
