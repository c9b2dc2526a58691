import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { apiRoutes } from '../../../src/api/app.ts';
import { invoiceFiles } from '../../../src/api/downloads.ts';
import { openApi } from '../../../src/api/openapi.ts';

/** The document that every response is checked against. */
export const document = openApi(apiRoutes(invoiceFiles));

/** A response as it arrived. */
export interface Came {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

const ERROR = 'api#/components/schemas/Error';
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'api');
const validators = new Map<string, ValidateFunction>();
const paths = Object.keys(document.paths ?? {})
  .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }))
  // fixed paths before those with parameters
  .sort((a, b) => a.path.split('{').length - b.path.split('{').length);

/** What is wrong with a response according to the OpenAPI document: an unknown status, type or body. */
export function faultsOf(method: string, path: string, answer: Came): string[] {
  const [bare = ''] = path.split('?');
  const found = paths.find(({ pattern }) => pattern.test(bare));
  const operation = found && operationOf(found.path, method);
  if (!found || !operation) {
    return answer.status === (found ? 405 : 404)
      ? against(ERROR, answer.body)
      : [`answers ${answer.status} where there is nothing`];
  }
  const response = operation.responses[String(answer.status)];
  if (!response) return [`answers ${answer.status}, which is not told of`];
  if (answer.status === 304 || answer.status === 204) return [];
  const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
  if (!response.content || !(type in response.content)) return [`is ${type}, which is not told of`];
  if (type !== 'application/json') return [];
  const place = [
    'paths',
    found.path,
    method.toLowerCase(),
    'responses',
    String(answer.status),
    'content',
    type,
    'schema',
  ];
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
  return against(`api#/${pointer.join('/')}`, answer.body);
}

function operationOf(path: string, method: string): Operation | undefined {
  const item: Record<string, unknown> = { ...document.paths?.[path] };
  return item[method.toLowerCase()] as Operation | undefined;
}

function against(ref: string, value: unknown): string[] {
  const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
  validators.set(ref, validate);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
