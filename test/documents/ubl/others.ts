import { InvoiceService } from '@e-invoice-eu/core';
import { type Node, readXml } from './read-ubl.ts';

/** Elements that the other program treats as lists, since they can be repeated. */
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

/**
 * An invoice's elements in order, and the same as written by another program that has checked the file against the
 * schema built from PEPPOL's definitions, with its code lists.
 *
 * @throws {Error} what that program finds wrong
 */
export async function asOthersWrite(root: Node): Promise<{ ours: readonly string[]; theirs: readonly string[] }> {
  const input: unknown = { 'ubl:Invoice': inForm(root) };
  const written = await service.generate(input as Parameters<typeof service.generate>[0], {
    format: 'UBL',
    lang: 'en',
    noWarnings: true,
  });
  return { ours: outline(root), theirs: outline(readXml(String(written))) };
}

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
