import fc from 'fast-check';
import { EFFECTS, type Effect } from '../../../src/billing/move/move.ts';

export const PEOPLE = ['U_OWNER', 'U_ADMIN', 'U_APPROVER', 'U_MEMBER'] as const;

/** A step by somebody. Numbers choose among what exists at that moment. */
export type Step = { readonly who: number; readonly at: number } & (
  | { readonly do: 'group' | 'project' | 'delete' | 'close' | 'expire' | 'approve' | 'reject' | 'withdraw' }
  | { readonly do: 'ask'; readonly to: number; readonly effect: Effect }
  | { readonly do: 'policy'; readonly rule: 'receiving' | 'both' | 'nobody' }
  | { readonly do: 'cost'; readonly days: number }
  | { readonly do: 'wait'; readonly hours: number }
);

/** A project's groups by start time; the first has no start. The simplest form of memberships. */
export type Timeline = readonly { readonly from: number; readonly group: string }[];

/** A move that was made, as reported by the product. */
export interface Made {
  readonly requestId: string | null;
  readonly projectIds: readonly string[];
  readonly group: string;
  readonly at: number;
}

/** The expected state, recorded from what the product reported, using none of its code. */
export class Model {
  timelines = new Map<string, Timeline>();
  /** How many projects each request has moved. */
  readonly movedBy = new Map<string, number>();
  /** Issued invoices with their totals, which never change. */
  readonly issued = new Map<string, string>();

  /** Simultaneous moves are applied in any order that leads to the actual state. */
  apply(made: readonly Made[], actual: ReadonlyMap<string, Timeline>): void {
    const orders = permutations(made).map((order) => order.reduce(moveAll, this.timelines));
    const fitting = orders.find((one) => [...one].every(([id, line]) => same(line, actual.get(id) ?? [])));
    this.timelines = new Map(fitting ?? orders[0] ?? this.timelines);
    for (const { requestId, projectIds } of made) if (requestId) this.movedBy.set(requestId, projectIds.length);
  }
}

const who = fc.nat(PEOPLE.length - 1);
const at = fc.nat(20);
const simple = (
  ...names: ('group' | 'project' | 'delete' | 'close' | 'expire' | 'approve' | 'reject' | 'withdraw')[]
) => fc.record({ do: fc.constantFrom(...names), who, at });
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: simple('group', 'project', 'delete', 'close', 'expire') },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('ask' as const), who, at, to: at, effect: fc.constantFrom(...EFFECTS) }),
  },
  { weight: 4, arbitrary: simple('approve', 'approve', 'reject', 'withdraw') },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('cost' as const), who, at, days: fc.integer({ min: -20, max: 45 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), who, at, hours: fc.integer({ min: 1, max: 400 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('policy' as const),
      who,
      at,
      rule: fc.constantFrom('receiving' as const, 'both' as const, 'nobody' as const),
    }),
  },
);

function moveAll(
  timelines: ReadonlyMap<string, Timeline>,
  { projectIds, group, at: since }: Made,
): Map<string, Timeline> {
  const moved = new Map(timelines);
  for (const id of projectIds) {
    const before = (timelines.get(id) ?? []).filter(({ from }) => from < since);
    const isThere = before.at(-1)?.group === group;
    moved.set(id, isThere ? before : [...before, { from: since, group }]);
  }
  return moved;
}

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length <= 1) return [[...all]];
  return all.flatMap((one, place) => permutations(all.toSpliced(place, 1)).map((rest) => [one, ...rest]));
}

function same(a: Timeline, b: Timeline): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
