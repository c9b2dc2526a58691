import { InvoiceService } from '@e-invoice-eu/core';
import { describe, expect, it } from '@jest/globals';
import { invoiceUbl } from '../../../src/documents/ubl/invoice-ubl.ts';
import { KINDS } from './kinds.ts';
import { type Node, readXml } from './read-ubl.ts';

/** Elements that the other program's form holds as lists, since they may stand more than once. */
const LISTS = new Set([
  'TaxTotal',
  'TaxSubtotal',
  'AllowanceCharge',
  'InvoiceLine',
  'PaymentMeans',
  'BillingReference',
  'PartyTaxScheme',
  'PartyIdentification',
  'AdditionalItemProperty',
]);

const service = new InvoiceService({ log: () => undefined, warn: () => undefined, error: () => undefined });

describe('the UBL of an invoice, read by a program that is not ours', () => {
  it.each(KINDS.filter(([, make]) => make().kind === 'invoice'))(
    'is valid by the schema made of PEPPOL’s definitions, with its code lists, in the order that it writes itself: %s',
    async (_, make) => {
      const root = readXml(invoiceUbl(make()));
      const input: unknown = { 'ubl:Invoice': inForm(root) };
      const written = await service.generate(input as Parameters<typeof service.generate>[0], {
        format: 'UBL',
        lang: 'en',
        noWarnings: true,
      });
      expect(outline(readXml(String(written)))).toEqual(outline(root));
    },
  );
});

function inForm(node: Node, isBuyer = false): unknown {
  const form: Record<string, unknown> = {};
  for (const child of node.children) {
    const value =
      child.children.length > 0 ? inForm(child, isBuyer || child.name === 'cac:AccountingCustomerParty') : child.text;
    const list = form[child.name];
    if (Array.isArray(list)) list.push(value);
    else form[child.name] = isList(child.name, isBuyer) ? [value] : value;
    for (const [key, attribute] of Object.entries(child.attributes)) form[`${child.name}@${key}`] = attribute;
  }
  return form;
}

function isList(name: string, isBuyer: boolean): boolean {
  const own = name.replace(/^.*:/, '');
  return LISTS.has(own) && !(isBuyer && own.startsWith('Party'));
}

function outline(node: Node): string[] {
  return node.children.flatMap((child) => [
    `${child.name} ${child.text}`,
    ...outline(child).map((line) => `  ${line}`),
  ]);
}
