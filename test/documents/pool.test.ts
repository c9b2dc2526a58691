import { threadId as mainThread } from 'node:worker_threads';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '../../src/billing/money/money.ts';
import { generate } from '../../src/documents/generate.ts';
import { DocumentPool } from '../../src/documents/pool.ts';
import { fromSent, toSent } from '../../src/documents/sent-value.ts';
import { pngOf } from '../support/invoices/pictures.ts';
import { domestic, reverseCharge } from './samples.ts';

const pools: DocumentPool[] = [];
function aPool(options: ConstructorParameters<typeof DocumentPool>[0] = {}): DocumentPool {
  const pool = new DocumentPool({ threads: 1, ...options });
  pools.push(pool);
  return pool;
}
afterAll(() => Promise.all(pools.map((pool) => pool.stop())));

const bytesOf = (result: Awaited<ReturnType<typeof generate>>) =>
  result.kind === 'bytes' ? Buffer.from(result.bytes) : Buffer.from(result.obstacles.join(' '));

describe('data sent to a thread', () => {
  it('keeps every digit of an amount, and bytes unchanged', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: -60, max: 60 }), fc.uint8Array(), (digits, power, bytes) => {
        const amount = new Decimal(`${digits}e${power}`);
        const value = { amount, list: [{ amount: amount.neg() }], bytes, none: null, text: '1.00', flag: true };
        const back = fromSent<typeof value>(structuredClone(toSent(value)));
        expect(back.amount.valueOf()).toBe(amount.valueOf());
        expect(back.list[0]?.amount.valueOf()).toBe(amount.neg().valueOf());
        expect([Buffer.from(back.bytes).equals(bytes), back.none, back.text, back.flag]).toEqual([
          true,
          null,
          '1.00',
          true,
        ]);
      }),
    );
  });
});

describe('document generation in threads', () => {
  const pool = aPool();

  it.each(['pdf', 'xml', 'json'] as const)('produces the same bytes as the main thread: %s', async (format) => {
    const logo = pngOf(60, 20);
    for (const document of [reverseCharge(), { ...domestic(), seller: { ...domestic().seller, logo } }]) {
      const result = await pool.generate(document, format);
      expect(result.threadId).not.toBe(mainThread);
      expect(bytesOf(result).equals(bytesOf(await generate(document, format)))).toBe(true);
    }
  });

  it('reports what an electronic invoice lacks', async () => {
    const result = await pool.generate({ ...domestic(), buyer: { ...domestic().buyer, countryCode: '' } }, 'xml');
    expect(result).toMatchObject({
      kind: 'incomplete',
      obstacles: [expect.stringContaining('The buyer has no country')],
    });
  });

  it('fails for an invalid document, and continues with the next', async () => {
    const broken = { ...domestic(), seller: { ...domestic().seller, logo: Buffer.from('not a picture') } };
    await expect(pool.generate(broken, 'pdf')).rejects.toThrow();
    expect((await pool.generate(domestic(), 'pdf')).kind).toBe('bytes');
  });

  it('restarts after a stop', async () => {
    const { threadId } = await pool.generate(domestic(), 'json');
    await pool.stop();
    expect((await pool.generate(domestic(), 'json')).threadId).not.toBe(threadId);
  });

  it('accepts only what fits in the queue', async () => {
    const small = aPool({ mostPending: 2 });
    const all = await Promise.allSettled([1, 2, 3].map(() => small.generate(domestic(), 'json')));
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(all[2]).toMatchObject({ reason: { code: 'documents_busy' } });
    expect(small.generated).toBe(2);
    expect((await small.generate(domestic(), 'json')).kind).toBe('bytes');
  });

  it.each(['EXIT', 'THROW'])('replaces a crashed thread (%s), and only its document fails', async (number) => {
    const mortal = aPool({ entry: new URL('../children/mortal-worker.ts', import.meta.url) });
    const [before, crash, after] = await Promise.allSettled([
      mortal.generate(domestic(), 'pdf'),
      mortal.generate({ ...domestic(), number }, 'pdf'),
      mortal.generate(domestic(), 'pdf'),
    ]);
    expect([before.status, crash.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    if (before.status !== 'fulfilled' || after.status !== 'fulfilled') throw new Error('unreachable');
    expect(after.value.threadId).not.toBe(before.value.threadId);
    expect(bytesOf(after.value).equals(bytesOf(before.value))).toBe(true);
  });
});
