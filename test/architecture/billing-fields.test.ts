import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { fromRefusal } from '../../src/api/errors.ts';
import { billingBody, billingInputIn, buyerBody } from '../../src/api/schemas/billing-fields.ts';
import { groupChangesSchema, groupSchema, newGroupSchema } from '../../src/api/schemas/group.ts';
import type { FieldKind, Shown } from '../../src/billing/group/billing-field.ts';
import {
  FIELD_NAMES,
  type FieldName,
  fieldOf,
  fieldText,
  fieldValue,
  inputNameOf,
  viewLabelOf,
} from '../../src/billing/group/billing-fields.ts';
import { type BillingInformation, NO_BILLING_INFORMATION } from '../../src/billing/group/billing-information.ts';
import { billingInputSchema, fromInput, toInput } from '../../src/billing/group/billing-input.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { invoiceCsv } from '../../src/documents/csv/document-csv.ts';
import type { BillingDocument } from '../../src/documents/document.ts';
import { documentJson } from '../../src/documents/json.ts';
import { invoicePdf } from '../../src/documents/pdf/invoice-pdf.ts';
import { invoiceUbl } from '../../src/documents/ubl/invoice-ubl.ts';
import { billingEvents } from '../../src/services/groups/billing-changes.ts';
import type { LineSummary } from '../../src/services/invoicing/invoice-reading.ts';
import { billingForm } from '../../views/group/billing-information.ts';
import { billingRows } from '../../views/group/billing-rows.ts';
import { documentOf, line } from '../documents/documents.ts';
import { readPdf } from '../documents/pdf/read-pdf.ts';

const BY_KIND: Readonly<Record<FieldKind, (name: string) => string | readonly string[]>> = {
  line: (name) => `Sample-${name}`,
  text: (name) => `Sample-${name}`,
  country: () => 'NZ',
  lines: (name) => [`Sample-${name}-1`, `Sample-${name}-2`],
  emails: (name) => [`${name}@sample.example`],
};
/** Fields whose values have a special format. */
const SAMPLES: { readonly [K in FieldName]?: string } = { vatId: 'IT00743110157', electronicAddress: '0106:12345678' };

const sampleOf = (name: FieldName) => SAMPLES[name] ?? BY_KIND[fieldOf(name).kind](name);
/** Information with only one field. */
const saying = (name: FieldName): BillingInformation => ({ ...NO_BILLING_INFORMATION, [name]: sampleOf(name) });
const partsOf = (value: string | readonly string[]) => (typeof value === 'string' ? [value] : value);

function documentFor(name: FieldName): BillingDocument {
  const { billingEmails: emails, contactEmails: _contacts, vatState: _state, ...shown } = saying(name);
  return documentOf([line('web', 'Compute', '10.00')], { buyer: { ...shown, emails, groupName: 'Platform' } });
}

/** Expects a document's text to have the field if the list says so, and otherwise not. */
function expectShown(text: string, parts: readonly string[], shown: Shown | boolean): void {
  const packed = text.replace(/\s+/g, '');
  for (const part of parts) expect([part, packed.includes(part.replace(/\s+/g, ''))]).toEqual([part, Boolean(shown)]);
}

describe.each(FIELD_NAMES)('the billing information field %s', (name) => {
  const field = fieldOf(name);
  const apiName = field.api.name;

  it('is in the form and the group view, and is stored as typed', () => {
    const typed = toInput(saying(name));
    const form = billingForm({ account: 'acc_1', group: 'bg_1', more: {} }, typed);
    const block = form.blocks.find((one) => one.block_id === inputNameOf(name));
    expect(block).toMatchObject({ type: 'input', label: { text: field.label }, optional: true });
    expect(JSON.stringify(block)).toContain(partsOf(sampleOf(name))[0]);
    expect(fromInput(billingInputSchema.parse(typed))[name]).toEqual(sampleOf(name));
    const rows = JSON.stringify(billingRows(saying(name)));
    expect(rows).toContain(`*${viewLabelOf(name)}*`);
    for (const part of partsOf(fieldText(saying(name), name)).flatMap((text) => text.split('\n'))) {
      expect(rows).toContain(part);
    }
  });

  it('is read, written and cleared in the Invoice API, which names it in errors', () => {
    const body: Readonly<Record<string, unknown>> = billingBody(saying(name));
    const answer: Readonly<Record<string, z.ZodType>> = groupSchema.shape;
    expect(answer[apiName]?.safeParse(body[apiName])).toEqual({ success: true, data: body[apiName] });
    const sent = { [apiName]: body[apiName] };
    expect(billingInputIn(groupChangesSchema.parse(sent))).toEqual({
      [inputNameOf(name)]: partsOf(sampleOf(name)).join('\n'),
    });
    expect(newGroupSchema.parse({ billing_group_name: 'Blue', ...sent })).toMatchObject(sent);
    expect(billingInputIn(groupChangesSchema.parse({ [apiName]: null }))).toEqual({ [inputNameOf(name)]: '' });
    const refusal = new Refusal('invalid_input', { fields: { [inputNameOf(name)]: 'Wrong.' } });
    expect(fromRefusal(refusal).problems).toEqual([{ message: `${apiName}: Wrong.`, error_code: 'invalid_input' }]);
  });

  it('is in the event log with its values before and after', () => {
    const common = { accountId: 'acc_1', billingGroupId: 'bg_1' };
    const [event] = billingEvents(common, NO_BILLING_INFORMATION, saying(name));
    expect(event).toMatchObject({
      type: 'billing_information_changed',
      description: `Set ${field.logName} to ${fieldText(saying(name), name, ', ')}`,
      before: { [field.logName]: fieldValue(NO_BILLING_INFORMATION, name) },
      after: { [field.logName]: sampleOf(name) },
    });
  });

  it('is in exactly the documents that the list says', async () => {
    const { documents } = field;
    const raw = partsOf(sampleOf(name));
    expectShown(JSON.stringify(buyerBody(saying(name))), raw, documents.api);
    expectShown(documentJson(documentFor(name)), raw, documents.json);
    expectShown(await csvSaying(name), raw, documents.csv);
    // a scheme is an attribute there
    expectShown(
      invoiceUbl(documentFor(name)),
      raw.map((part) => part.replace(/^\d{4}:/, '')),
      documents.ubl,
    );
    const { text } = await readPdf(await invoicePdf(documentFor(name)));
    expectShown(text, partsOf(fieldText(saying(name), name).split('\n')), documents.pdf);
  });

  it('has its limit in docs/domain.md', () => {
    const row = readFileSync('docs/domain.md', 'utf8').match(/^\| billing group \|.*$/m)?.[0] ?? '';
    const named = row.search(new RegExp(`\`${apiName}\`|\\b${apiName.replaceAll('_', ' ')}\\b`, 'i'));
    expect(named).toBeGreaterThan(0);
    expect(row.slice(named)).toMatch(new RegExp(`^[^;]*?\\b${field.limit}\\b`));
  });
});

it('no two billing information fields share a name', () => {
  for (const names of [
    FIELD_NAMES.map(inputNameOf),
    FIELD_NAMES.map((name) => fieldOf(name).api.name),
    FIELD_NAMES.map((name) => fieldOf(name).logName),
  ]) {
    expect(new Set(names).size).toBe(FIELD_NAMES.length);
  }
});

/** An invoice with one line, as CSV. */
async function csvSaying(name: FieldName): Promise<string> {
  const ten = new Decimal(10);
  const day = new Date('2026-10-01T00:00:00Z');
  const lines = async function* (): AsyncGenerator<LineSummary> {
    yield {
      ...{ place: 1, lineType: 'service_charge', description: 'Compute', projectName: 'web', projectLabel: null },
      ...{ serviceName: 'Compute', serviceType: null, servicePlan: null, cloudName: null, lateFrom: null },
      ...{ begin: day, end: day, exact: ten, total: ten, preDiscount: ten, taxCategory: 'S', taxRate: ten, records: 1 },
    };
  };
  let text = '';
  const head = { number: 'ACME-1', billingGroupName: 'Platform', currency: 'EUR', buyer: saying(name) };
  for await (const piece of invoiceCsv(lines(), head)) text += piece;
  return text;
}
