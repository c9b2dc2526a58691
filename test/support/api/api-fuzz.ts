import fc from 'fast-check';
import { document } from './openapi.ts';

/** A request generated from the OpenAPI document, partly following it and partly not. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Existing values to use by chance, so that some requests pass the first checks. */
export interface Known {
  readonly tokens: readonly string[];
  readonly ids: readonly string[];
  readonly numbers: readonly string[];
  readonly cookies: readonly string[];
  readonly projects: readonly string[];
  readonly codes: readonly string[];
}

type Json = fc.Arbitrary<unknown>;
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly schema: Schema;
}
interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
}

/** Texts that have broken programs: characters with a special meaning, invalid text, very long text. */
const NASTY = [
  ...['', ' ', '0', '-1', '1e999', 'null', 'undefined', 'true', '[object Object]', '__proto__', 'constructor', '$gt'],
  ...[
    '{"$ne":null}',
    '../../etc/passwd',
    '%00',
    '\u0000',
    '\u202e\u200b',
    '\ud83d\ude00'.repeat(50),
    "'; DROP TABLE x;--",
  ],
  ...['=1+1', '<script>alert(1)</script>', 'İ', 'ß', '\r\nx: y', '2026-02-30', '9'.repeat(400), 'x'.repeat(5_000)],
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;

const operations: readonly Operation[] = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, OperationObject>).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    parameters: operation.parameters ?? [],
    body: operation.requestBody?.content['application/json']?.schema,
  })),
);

interface OperationObject {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

const nasty: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 20 }));
const words: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: nasty },
);

/** Requests for every operation in the document. */
export function requests(known: Known): fc.Arbitrary<FuzzedRequest> {
  return fc.constantFrom(...operations).chain((operation) => requestFor(operation, known));
}

function requestFor(operation: Operation, known: Known): fc.Arbitrary<FuzzedRequest> {
  const places = operation.parameters.filter((one) => one.in === 'path');
  const asked = operation.parameters.filter((one) => one.in === 'query');
  return fc
    .record({
      // occasionally one that the path doesn't have
      method: often(fc.constant(operation.method), fc.constantFrom(...METHODS), 30),
      places: fc.tuple(...places.map(({ name }) => placeOf(name, known))),
      query: fc.tuple(...asked.map(({ name, schema }) => fc.option(queryOf(name, schema, known), { freq: 2 }))),
      // a parameter that doesn't exist fails the request
      strange: often(fc.constant(undefined), fc.tuple(words, words), 10),
      headers: headersOf(known),
      body: operation.body
        ? fc.option(bodyOf(operation.body, known), { freq: 20, nil: undefined })
        : fc.constant(undefined),
    })
    .map(({ method, places: values, query, strange, headers, body }) => {
      let at = 0;
      const path = operation.path.replace(/\{\w+\}/g, () => segment(values[at++] ?? ''));
      const said = asked.flatMap(({ name }, index) => {
        const value = query[index];
        return typeof value === 'string' ? [[name, value] as [string, string]] : [];
      });
      const search = new URLSearchParams([...said, ...(strange ? [strange] : [])]).toString();
      const sends = body !== undefined && method !== 'GET';
      return { method, headers, path: search === '' ? path : `${path}?${search}`, ...(sends && { body }) };
    });
}

/** A path segment can't be empty, nor a step up. */
function segment(value: string): string {
  // half a surrogate pair can't be sent as text
  return encodeURIComponent(/^\.*$/.test(value) ? 'x' : Buffer.from(value).toString());
}

function placeOf(name: string, known: Known): fc.Arbitrary<string> {
  const real: Readonly<Record<string, readonly string[]>> = {
    number: known.numbers,
    project: known.projects,
    download_cookie: [...known.cookies, 'lines', 'csv'],
  };
  return often(fc.constantFrom(...(real[name] ?? known.ids)), words, 6);
}

function queryOf(name: string, schema: Schema, known: Known): fc.Arbitrary<string> {
  if (name === 'cookie') return often(fc.constantFrom(...known.cookies), words, 4);
  if (name === 'project') return often(fc.constantFrom(...known.projects), words, 4);
  if (name === 'period') return often(fc.constantFrom('2026-10', '2026-11', '2020-01'), words, 4);
  return often(
    valueIn(schema, known).map((value) => String(value)),
    words,
    4,
  );
}

function headersOf({ tokens }: Known): fc.Arbitrary<Record<string, string>> {
  const scheme = fc.constantFrom('Bearer', 'aivenv1');
  const good = fc.tuple(scheme, fc.constantFrom(...tokens)).map((parts) => parts.join(' '));
  const bad = fc.constantFrom(
    'Bearer x',
    'Basic eDp5',
    'aivenv1',
    'Bearer bgt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  );
  return fc.record(
    {
      authorization: often(good, bad, 20),
      'content-type': often(
        fc.constant('application/json'),
        fc.constantFrom('text/plain', 'application/json; charset=latin1', 'application/x-www-form-urlencoded'),
        20,
      ),
      'if-none-match': fc.constantFrom('*', 'W/"x"', '"', ','),
      'x-request-id': fc.constantFrom('mine', '<>', 'x'.repeat(100)),
      'accept-encoding': fc.constantFrom('gzip', 'br', 'identity'),
    },
    { requiredKeys: ['authorization', 'content-type'] },
  );
}

function bodyOf(schema: Schema, known: Known): fc.Arbitrary<string> {
  const valid = valueIn(schema, known);
  const other = fc.tuple(valid, words, fc.jsonValue({ maxDepth: 3 })).map(([body, key, value]) => {
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, [key]: value } : value;
  });
  const crooked = fc.tuple(valid, fc.nat(), fc.jsonValue({ maxDepth: 2 })).map(([body, at, value]) => {
    const keys = Object.keys(body ?? {});
    const key = keys[at % Math.max(keys.length, 1)];
    return key === undefined ? value : { ...(body as object), [key]: value };
  });
  return fc.oneof(
    { weight: 5, arbitrary: valid.map((body) => JSON.stringify(body)) },
    { weight: 2, arbitrary: crooked.map((body) => JSON.stringify(body)) },
    { weight: 1, arbitrary: other.map((body) => JSON.stringify(body)) },
    { weight: 1, arbitrary: words },
  );
}

/** A value that follows a schema, with an occasional other text at the leaves. */
function valueIn(given: Schema, known: Known, name = ''): Json {
  const schema = resolved(given);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valueIn(one, known, name)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) return fc.jsonValue({ maxDepth: 1 });
  return fc.oneof(...types.map((type) => ofType(type, schema, known, name)));
}

function ofType(type: string, schema: Schema, known: Known, name: string): Json {
  const { items, minimum = -10, maximum = 1e6, properties = {}, required = [], maxItems = 4 } = schema;
  switch (type) {
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, valueIn(inner, known, key)])),
        { requiredKeys: [...required] },
      );
    case 'array':
      return fc.array(items ? valueIn(items, known, name) : fc.jsonValue(), { maxLength: Math.min(maxItems, 4) });
    case 'integer':
    case 'number':
      return fc.integer({ min: minimum, max: maximum });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return textFor(name, schema, known);
  }
}

function textFor(name: string, { maxLength = 30 }: Schema, known: Known): fc.Arbitrary<string> {
  const real: Readonly<Record<string, readonly string[]>> = {
    country_code: ['FI', 'DE', 'US', ''],
    billing_currency: ['EUR', 'USD', 'JPY'],
    vat_id: ['FI01120389', 'DE136695976', ''],
    email: ['a@example.com', 'ä@exämple.com'],
    copy_from_billing_group: known.ids,
    account_id: known.ids,
    card_id: known.ids,
    projects_names: known.projects,
    code: known.codes,
  };
  const some = real[name];
  const text = fc.string({ unit: 'grapheme', maxLength: Math.min(maxLength, 30) });
  return some ? often(fc.constantFrom(...some), words, 6) : often(text, nasty, 10);
}

function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.split('/').at(-1) ?? '';
  return (document.components?.schemas?.[name] ?? {}) as Schema;
}

/** Usually the first; once in every `weight` times the second. */
function often<T>(usual: fc.Arbitrary<T>, else_: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: else_ });
}
