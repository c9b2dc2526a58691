import { afterAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { readXml } from '../../documents/ubl/read-ubl.ts';
import { broken } from '../../documents/ubl/rules.ts';
import { einvoicesOf } from '../../einvoice/files.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-02T12:00:00Z'));

describe('electronic documents of sellers in each country', () => {
  let files = 0;

  it.each([
    ...['DE', 'NL', 'SE', 'ES', 'DK'].map((country) => [country, 'even'] as const),
    ...['FR', 'BE', 'AT', 'IT', 'NO'].map((country) => [country, 'odd'] as const),
  ])('follow EN 16931, PEPPOL BIS Billing 3.0 and the country’s own rules: %s', async (country, part) => {
    for await (const { name, xml } of einvoicesOf(ctx, country, part)) {
      files += 1;
      expect([name, broken(readXml(xml))]).toEqual([name, []]);
    }
  });

  afterAll(() => expect(files).toBeGreaterThanOrEqual(60));
});
