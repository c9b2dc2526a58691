import { randomUUID } from 'node:crypto';

/** What an id stands for, as a person sees it at its beginning. */
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
  | 'memo'
  | 'tok';

/** A new id, such as `bg_5f0c…`: the prefix, and a UUID, which is what the published API shows. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomUUID()}`;
}
