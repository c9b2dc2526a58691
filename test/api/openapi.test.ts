import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { document } from '../support/api/openapi.ts';

/** The table of the API: a row for each method and path. */
const ROWS = [
  'GET /billing-group',
  'POST /billing-group',
  'GET /billing-group/{id}',
  'PUT /billing-group/{id}',
  'DELETE /billing-group/{id}',
  'GET /billing-group/{id}/projects',
  'POST /billing-group/{id}/projects-assign',
  'POST /billing-group/{id}/project-assign/{project}',
  'GET /billing-group/{id}/credits',
  'POST /billing-group/{id}/credits',
  'GET /billing-group/{id}/events',
  'GET /billing-group/{id}/invoice',
  'GET /billing-group/{id}/invoice/{number}',
  'GET /billing-group/{id}/invoice/{number}/lines',
  'GET /billing-group/{id}/invoice/{number}/{download_cookie}',
  'GET /billing-group/{id}/invoice/{number}/csv',
  'GET /billing-group/{id}/invoice/{number}/lines.csv',
  'GET /move-requests/{id}',
  'GET /account/{account_id}/billing-group',
  'GET /invoices/{number}',
  'GET /focus',
  'GET /costs',
  'GET /comparison',
  'GET /forecast',
  'GET /anomalies',
  'GET /invoices',
  'GET /invoice-lines',
  'GET /projects',
  'GET /payments',
  'GET /credit-memos',
  'GET /budgets',
  'GET /moves',
  'GET /events',
  'GET /account',
  'GET /account/{account_id}',
  'GET /organizations',
  'GET /organization/{organization_id}',
  'GET /me',
  'GET /card',
  'GET /project',
  'POST /project',
  'GET /project/{project}',
  'GET /project/{project}/credits',
  'GET /project/{project}/events',
  'GET /organization/{organization_id}/billing-groups',
  'POST /organization/{organization_id}/billing-groups',
  'GET /organization/{organization_id}/billing-group/{id}',
  'PUT /organization/{organization_id}/billing-group/{id}',
  'DELETE /organization/{organization_id}/billing-group/{id}',
  'GET /organization/{organization_id}/addresses',
  'GET /organization/{organization_id}/address/{id}',
  'GET /organization/{organization_id}/payment-methods',
  'GET /organization/{organization_id}/payment-method/bank-transfers',
  'GET /organization/{organization_id}/payment-method/bank-transfer/{id}',
  'GET /organization/{organization_id}/payment-method/credit-cards',
  'GET /organization/{organization_id}/payment-method/credit-card/{id}',
  'GET /organization/{organization_id}/payment-method/custom',
  'GET /organization/{organization_id}/payment-method/custom/{id}',
  'GET /organization/{organization_id}/projects',
  'POST /organization/{organization_id}/projects',
  'GET /organization/{organization_id}/project/{project}',
  'GET /organization/{organization_id}/invoices',
  'GET /organization/{organization_id}/invoice/{number}',
  'GET /organization/{organization_id}/invoice/{number}/lines',
  'GET /organization/{organization_id}/invoices/{number}/lines',
  'GET /organization/{organization_id}/invoice/{number}/csv',
  'GET /organization/{organization_id}/invoice/{number}/pdf',
  'GET /organization/{organization_id}/credit-memos',
  'GET /organization/{organization_id}/credit-memos/{id}',
  'GET /organization/{organization_id}/credit-memos/{id}/pdf',
  'GET /organization/{organization_id}/emissions',
];

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('the OpenAPI document', () => {
  it('is valid according to a public validator', async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect(result).toMatchObject({ valid: true });
    expect(document.openapi).toBe('3.1.0');
  });

  it('describes every parameter, and has a valid example of every text and number that could be anything', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    ajv.addSchema(document, 'api');
    const faults: string[] = [];
    const check = (place: string, name: string, schema: Node) => {
      const isFree = [schema.type].flat().some((type) => type === 'string' || type === 'integer');
      if (!isFree || 'enum' in schema || 'const' in schema) return;
      if (!('example' in schema)) faults.push(`${place} ${name} has no example`);
      else if (!ajv.validate(schema, schema.example)) faults.push(`${place} ${name}: ${ajv.errorsText()}`);
    };
    const visit = (place: string, node: unknown): void => {
      if (Array.isArray(node)) for (const [at, inner] of node.entries()) visit(`${place}/${at}`, inner);
      if (!isNode(node)) return;
      if (isNode(node.properties)) {
        for (const [name, schema] of Object.entries(node.properties)) if (isNode(schema)) check(place, name, schema);
      }
      if (typeof node.in === 'string' && isNode(node.schema)) {
        check(place, String(node.name), node.schema);
        if (!(node.description ?? node.schema.description)) faults.push(`${place} ${node.name} has no description`);
      }
      for (const [key, inner] of Object.entries(node)) visit(`${place}/${key}`, inner);
    };
    visit('', document);
    expect(faults).toEqual([]);
  });

  it('has every row of the route table, and no other', () => {
    const rows = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(rows.sort()).toEqual([...ROWS].sort());
  });
});
