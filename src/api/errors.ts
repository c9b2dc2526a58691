import type { z } from 'zod';
import { Refusal } from '../billing/refusal.ts';

/** One thing that is wrong. */
export interface Problem {
  readonly message: string;
  readonly error_code: string;
}

/** An answer that is no success, with all that is wrong. */
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

/** What refusals become whose code does not end in `_not_found`; every other one is a conflict with how things stand. */
const STATUS: Readonly<Record<string, number>> = {
  invalid_input: 400,
  ambiguous_name: 400,
  wrong_currency: 400,
  credit_wrong_currency: 400,
  role_needed: 403,
  cookie_invalid: 403,
  documents_busy: 503,
};

/** What fields of services are called in bodies and queries. */
const FIELDS: Readonly<Record<string, string>> = {
  name: 'billing_group_name',
  currency: 'billing_currency',
  address: 'address_lines',
  zipCode: 'zip_code',
  countryCode: 'country_code',
  vatId: 'vat_id',
  billingEmails: 'billing_emails',
  contactEmails: 'billing_contact_emails',
  extraText: 'billing_extra_text',
  buyerReference: 'buyer_reference',
  orderNumber: 'purchase_order',
  electronicAddress: 'electronic_address',
  method: 'card_id',
  projects: 'projects_names',
};

export function apiError(status: number, error_code: string, message: string): ApiError {
  return new ApiError(status, [{ message, error_code }]);
}

/** What does not have the form that is asked for: each field at fault is named. */
export function badInput(error: z.ZodError): ApiError {
  const problems = error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        message: `${[...issue.path.map(String), key].join('.')}: Unknown field.`,
        error_code: 'invalid_input',
      }));
    }
    return [{ message: path === '' ? issue.message : `${path}: ${issue.message}`, error_code: 'invalid_input' }];
  });
  return new ApiError(400, problems);
}

/** A refusal of the domain's: the way out stays behind, since it speaks of commands in Slack. */
export function fromRefusal(refusal: Refusal): ApiError {
  const { code, message, fields } = refusal;
  const status = STATUS[code] ?? (code.endsWith('_not_found') ? 404 : 409);
  if (status !== 400 || !fields) return apiError(status, code, message);
  const problems = Object.entries(fields).map(([field, sentence]) => ({
    message: `${FIELDS[field] ?? field}: ${sentence}`,
    error_code: code,
  }));
  return new ApiError(status, problems);
}

/** What went wrong as the client is told: of a fault nothing but that it was one. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof Refusal) return fromRefusal(error);
  return fromHttp(error) ?? apiError(500, 'internal_error', 'Something went wrong on our side.');
}

export function errorBody({ status, problems }: ApiError): ErrorBody {
  const errors = problems.map(({ message, error_code }) => ({ message, status, error_code }));
  return { message: problems.map(({ message }) => message).join(' '), errors };
}

/** What Express finds wrong with a request before we see it. */
function fromHttp(error: unknown): ApiError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof URIError) return apiError(400, 'invalid_input', 'The URL can’t be decoded.');
  if (!('type' in error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (error.status === 413) return apiError(413, 'body_too_large', 'The body is larger than 1 MB.');
  if (error.status === 415)
    return apiError(415, 'unsupported_encoding', 'The body’s encoding or character set isn’t supported.');
  return error.status < 500 ? apiError(400, 'invalid_input', 'The body isn’t valid JSON.') : undefined;
}
