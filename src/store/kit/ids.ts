import { randomUUID } from 'node:crypto';

/** Prefixes that show people what an ID refers to. */
export type IdPrefix =
  | 'acc'
  | 'bg'
  | 'prj'
  | 'mem'
  | 'inv'
  | 'imp'
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
  | 'anm';

/** A new ID, such as `bg_5f0c…`: a prefix, and a UUID, which the published API shows. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomUUID()}`;
}
