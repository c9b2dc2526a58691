import type { z } from 'zod';
import { FIELD_NAMES, fieldOf, inputNameOf } from '../billing/group/billing-fields.ts';
import { Refusal } from '../billing/refusal.ts';
import { REFUSALS } from '../billing/refusals/index.ts';
import { refusalText } from './refusal-texts.ts';

/** A single problem. */
export interface Problem {
  readonly message: string;
  readonly error_code: string;
}

/** An error response with all its problems. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly problems: readonly Problem[];

  constructor(status: number, problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join(' '));
    this.status = status;
    this.problems = problems;
  }
}

export interface ErrorBody {
  readonly message: string;
  readonly errors: readonly { readonly message: string; readonly status: number; readonly error_code: string }[];
}

/** The names of services' fields in bodies and queries. */
const FIELDS: Readonly<Record<string, string>> = {
  name: 'billing_group_name',
  currency: 'billing_currency',
  ...Object.fromEntries(FIELD_NAMES.map((name) => [inputNameOf(name), fieldOf(name).api.name])),
  method: 'card_id',
  projects: 'projects_names',
};

export function apiError(status: number, error_code: string, message: string): ApiError {
  return new ApiError(status, [{ message, error_code }]);
}

/** Invalid input, with each invalid field. The first part of a path is its place in the request, such as `query`. */
export function badInput(error: z.ZodError): ApiError {
  const problems = error.issues.flatMap((issue): Problem[] => {
    const [place, ...rest] = issue.path.map(String);
    const path = rest.join('.');
    if (issue.code === 'unrecognized_keys') {
      const what = place === 'query' ? 'query parameter' : 'field';
      return issue.keys.map((key) => ({
        message: `${[...rest, key].join('.')}: Unknown ${what}.`,
        error_code: 'invalid_input',
      }));
    }
    return [{ message: path === '' ? issue.message : `${path}: ${issue.message}`, error_code: 'invalid_input' }];
  });
  return new ApiError(400, problems);
}

/** A refusal with its status and text, and each invalid field. */
export function fromRefusal(refusal: Refusal): ApiError {
  const { code, data } = refusal;
  const status = REFUSALS[code].status;
  const text = refusalText(refusal);
  if (status !== 400) return apiError(status, code, text);
  const given = 'fields' in data && data.fields ? data.fields : {};
  const fields = [...new Set([...Object.keys(given), ...refusal.fields])];
  if (fields.length === 0) return apiError(status, code, text);
  const problems = fields.map((field) => ({
    message: `${FIELDS[field] ?? field}: ${given[field] ?? text}`,
    error_code: code,
  }));
  return new ApiError(status, problems);
}

/** The error as the client sees it. An internal error has no details. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof Refusal) return fromRefusal(error);
  return fromHttp(error) ?? apiError(500, 'internal_error', 'Something went wrong on our side.');
}

export function errorBody({ status, problems }: ApiError): ErrorBody {
  const errors = problems.map(({ message, error_code }) => ({ message, status, error_code }));
  return { message: problems.map(({ message }) => message).join(' '), errors };
}

/** Errors that Express finds in a request before we see it. */
function fromHttp(error: unknown): ApiError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof URIError) return apiError(400, 'invalid_input', 'The URL can’t be decoded.');
  if (!('type' in error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (error.status === 413) return apiError(413, 'body_too_large', 'The body is larger than 1 MB.');
  if (error.status === 415)
    return apiError(415, 'unsupported_encoding', 'The body’s encoding or character set isn’t supported.');
  return error.status < 500 ? apiError(400, 'invalid_input', 'The body isn’t valid JSON.') : undefined;
}
