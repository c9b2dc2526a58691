import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareProjects } from '../../../src/billing/group/names.ts';
import { KeptOrder } from '../../../src/services/kit/kept-order.ts';
import { runs } from '../../support/runs.ts';

const project = fc.record({
  name: fc.constantFrom('a', 'b', 'c 2', 'c 10', 'd', 'E', 'f'),
  label: fc.constantFrom(null, 'b', 'x'),
});
const projects = fc.uniqueArray(project, { selector: ({ name }) => name });

it('a kept order is that of sorting again, whatever was added, removed or changed in between', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('one', 'two'), projects)), (lists) => {
      let comparisons = 0;
      const counted = (a: Named, b: Named) => {
        comparisons += 1;
        return compareProjects(a, b);
      };
      const order = new KeptOrder<Named>(counted, ({ name, label }) => JSON.stringify([name, label]));
      for (const [list, items] of lists) {
        expect(order.sorted(list, items)).toEqual([...items].sort(compareProjects));
        comparisons = 0;
        // the same items need none
        expect(order.sorted(list, [...items].reverse())).toEqual([...items].sort(compareProjects));
        expect(comparisons).toBe(0);
      }
    }),
    { numRuns: runs(100) },
  );
});

interface Named {
  readonly name: string;
  readonly label: string | null;
}
