import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { AnswerChecks } from '../../src/api/answer-checks.ts';

const schema = z.object({ name: z.string(), note: z.string().optional() });
const right = JSON.stringify({ name: 'Blue' });
const wrong = JSON.stringify({ name: 1 });

/** Which of many wrong answers are found. */
function found(checks: AnswerChecks, operation: string, answers: number): number[] {
  return Array.from({ length: answers }, (_, at) => at).filter((_, at) => {
    try {
      checks.check(operation, schema, wrong);
      return false;
    } catch {
      return at >= 0;
    }
  });
}

describe('answers', () => {
  it('are all checked unless a sample is enough', () => {
    const checks = new AnswerChecks('all');
    expect(found(checks, 'list', 5)).toEqual([0, 1, 2, 3, 4]);
    expect(() => checks.check('list', schema, right)).not.toThrow();
  });

  it('are checked first of all in a sample, then every hundredth of each operation', () => {
    const checks = new AnswerChecks('sample');
    expect(found(checks, 'list', 250)).toEqual([0, 100, 200]);
    expect(found(checks, 'another', 1)).toEqual([0]);
  });

  it('with something that their schema doesn’t describe are at fault as well', () => {
    const more = JSON.stringify({ name: 'Blue', secret: 'x' });
    expect(() => new AnswerChecks('all').check('list', schema, more)).toThrow('more than its schema describes');
  });
});
