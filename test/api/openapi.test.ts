import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
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
  'GET /account/{account_id}/billing-group',
  'GET /invoices/{number}',
  'GET /focus',
];

describe('the OpenAPI document', () => {
  it('is valid according to a public validator', async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect(result).toMatchObject({ valid: true });
    expect(document.openapi).toBe('3.1.0');
  });

  it('has every row of the route table, and no other', () => {
    const rows = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(rows.sort()).toEqual([...ROWS].sort());
  });
});
