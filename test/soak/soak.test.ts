import { expect, it } from '@jest/globals';
import { startChild } from '../support/children.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';
import { lowestOfEach, memorySlope, sampleOf } from './samples.ts';

useDatabase();

it('the product serves a mixed load and closes months without a fault', async () => {
  const child = startChild('test/soak/main.ts', ['0.1'], { MONGODB_URI: testDatabaseUri() });
  const lines: string[] = [];
  for await (const line of { [Symbol.asyncIterator]: () => child.lines }) lines.push(line);
  expect([await child.ended, child.errors()]).toEqual([0, '']);
  const text = lines.join('\n');
  expect(text).toMatch(/^0\.1 minutes of mixed load, 1 months closed with 12 invoices, 0 faults/m);
  expect(text).toMatch(/^Memory: -?\d+\.\d\d MB a minute \(too short to be judged\), \d+ MB to \d+ MB/m);
  expect(text).toMatch(/^ {2}(?:command|Home|API read|document|import): \d+, median \d+ ms, p99 \d+ ms$/m);
  expect(text).toMatch(/^Open handles: \d+ to \d+, at most \d+$/m);
});

it('the slope of memory is that of the straight line closest to the samples', () => {
  const samples = [0, 1, 2, 3].map((minute) => ({ minute, memory: 100 + 2 * minute + (minute % 2), handles: 1 }));
  expect(memorySlope(samples)).toBeCloseTo(2.2);
  expect(memorySlope(samples.slice(0, 1))).toBe(0);
});

it('the lowest samples are those of each span', () => {
  const samples = [5, 7, 9, 10, 12, 16, 19.9, 20.1].map((minute, at) => ({
    minute,
    memory: [300, 200, 400, 210, 500, 205, 600, 700][at] ?? 0,
    handles: 1,
  }));
  expect(lowestOfEach(5, samples).map(({ minute, memory }) => [minute, memory])).toEqual([
    [7, 200],
    [10, 210],
    [16, 205],
  ]);
});

it('a sample has the memory and the handles of a process', () => {
  const { memory, handles } = sampleOf(process.pid, 0);
  expect(memory).toBeGreaterThan(10);
  expect(handles).toBeGreaterThan(2);
});
