import { expect, it } from '@jest/globals';
import { nextLine, startChild } from '../support/children.ts';

const FILE = new URL('../children/unhandled.ts', import.meta.url).pathname;

it.each([
  ['rejected', 'unhandledRejection'],
  ['thrown', 'uncaughtException'],
  ['twice', 'unhandledRejection'],
])('an unhandled error (%s) is logged, and stops the process cleanly with exit code 1', async (what, fault) => {
  const child = startChild(FILE, [what]);
  expect(JSON.parse(await nextLine(child))).toMatchObject({
    fault,
    level: expect.anything(),
    err: { message: 'nobody waits for this' },
  });
  if (what === 'twice') expect(await nextLine(child)).toContain('another one');
  expect(await nextLine(child)).toBe('closed in order');
  expect(await child.ended).toBe(1);
});
