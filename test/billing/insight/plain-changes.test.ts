import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChangePart, MonthCell } from '../../../src/billing/insight/change.ts';
import { changesByKind, compareMonths } from '../../../src/billing/insight/comparison.ts';
import { ALL_HELD } from '../../../src/billing/insight/held-shares.ts';
import { type PlainCosts, plainChanges } from '../../../src/billing/insight/plain-changes.ts';
import { Decimal, sum } from '../../../src/billing/money/money.ts';
import { runs } from '../../support/runs.ts';

interface Row {
  readonly project: string;
  readonly service: string;
  readonly cost: number;
  readonly discount: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  project: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
  service: fc.constantFrom('Compute', 'Storage'),
  cost: fc.integer({ min: -500, max: 5_000 }),
  discount: fc.constantFrom(0, 0, 7),
});
const invoices = fc.array(fc.array(row, { maxLength: 5 }), { maxLength: 3 });
/** p3 is known elsewhere. */
const elsewhere = (id: string) => (id === 'p3' ? ('other currency' as const) : undefined);

/** An invoice in columns. */
function plainOf(month: PlainCosts['month'], rows: readonly Row[]): PlainCosts {
  const inOrder = [...rows].sort((a, b) => (a.project < b.project ? -1 : a.project > b.project ? 1 : 0));
  const projects = [...new Set(inOrder.map(({ project }) => project))];
  const services = [...new Set(inOrder.map(({ service }) => service))];
  return {
    ...{ month, currency: 'EUR', services, projects },
    ends: projects.map((id) => inOrder.filter(({ project }) => project <= id).length),
    service: inOrder.map(({ service }) => services.indexOf(service)),
    cost: inOrder.map(({ cost }) => cost),
    total: inOrder.map(({ cost, discount }) => cost - discount),
  };
}

function cellsOf(all: readonly (readonly Row[])[]): MonthCell[] {
  const inEuros = (cents: number) => new Decimal(cents).div(100);
  return all.flat().flatMap(({ project: projectId, service, cost, discount }): MonthCell[] => [
    { projectId, service, kind: 'costs', amount: inEuros(cost), original: null },
    { projectId, service, kind: 'discounts', amount: inEuros(-discount), original: null },
  ]);
}

const inWords = (parts: readonly ChangePart[]) =>
  parts.map(({ kind, projectId, service, amount }) => `${kind} ${projectId} ${service} ${amount.toFixed(2)}`).sort();

describe('costs compared in columns', () => {
  it('change by the same parts as their cells', () => {
    fc.assert(
      fc.property(invoices, invoices, (now, before) => {
        const all = [...now.map((one) => plainOf('now', one)), ...before.map((one) => plainOf('before', one))];
        const plain = plainChanges('EUR', all, { now: elsewhere, before: elsewhere });
        const held = { now: ALL_HELD, before: ALL_HELD };
        const cells = compareMonths('EUR', cellsOf(now), cellsOf(before), { now: elsewhere, before: elsewhere, held });
        expect(inWords(plain.parts)).toEqual(inWords(cells.parts));
        expect([plain.now, plain.before].map(String)).toEqual([cells.now, cells.before].map(String));
      }),
      { numRuns: runs(300) },
    );
  });

  it('of very many services are named where they are largest, and otherwise add up by kind', () => {
    const rows = (factor: number) =>
      Array.from({ length: 1_000 }, (_, at) => ({
        ...{ project: `p${at}`, service: 'Compute', discount: 0 },
        cost: factor * (1_000 + at),
      }));
    const { parts, rest, now, before } = plainChanges('EUR', [plainOf('now', rows(3)), plainOf('before', rows(2))], {
      ...{ now: elsewhere, before: elsewhere },
    });
    expect(parts).toHaveLength(400);
    expect(parts[0]).toMatchObject({ kind: 'usage', projectId: 'p999' });
    expect(parts[0]?.amount.toFixed(2)).toBe('19.99');
    // the sum from 10.00 to 15.99
    expect(rest.get('usage')?.toFixed(2)).toBe('7797.00');
    const kinds = changesByKind(parts, rest);
    expect(kinds.map(({ kind }) => kind)).toEqual(['usage']);
    expect(sum(kinds.map(({ amount }) => amount)).toFixed(2)).toBe(now.minus(before).toFixed(2));
  });
});
