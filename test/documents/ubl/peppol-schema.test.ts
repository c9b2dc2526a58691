import { describe, expect, it } from '@jest/globals';
import { invoiceUbl } from '../../../src/documents/ubl/invoice-ubl.ts';
import { KINDS } from './kinds.ts';
import { asOthersWrite } from './others.ts';
import { readXml } from './read-ubl.ts';

describe('the UBL of an invoice, read by an independent program', () => {
  it.each(KINDS.filter(([, make]) => make().kind === 'invoice'))(
    'is valid by the schema built from PEPPOL’s definitions, with its code lists and element order: %s',
    async (_, make) => {
      const { ours, theirs } = await asOthersWrite(readXml(invoiceUbl(make())));
      expect(theirs).toEqual(ours);
    },
  );
});
