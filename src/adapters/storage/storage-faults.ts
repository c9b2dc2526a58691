import { StorageFault } from '../../services/sources/source-storage.ts';

/** How deep errors contain others. */
const MAX_CAUSES = 8;
const NETWORK = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
];
const CERTIFICATE = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/;

/** What is asked for, in words: `the bucket acme-exports`. */
export interface Asked {
  readonly what: string;
  readonly server: string;
}

/** What is read isn't what was listed any longer. */
export function replacedWhileRead(key: string): StorageFault {
  return new StorageFault('changed', `The file ${key} was replaced while it was being read.`);
}

/** A response by its status. @returns undefined if it is a success, or says nothing about the fault */
export function faultOfStatus(status: number | undefined, asked: Asked, cause?: unknown): StorageFault | undefined {
  const { what, server } = asked;
  const fault = (kind: StorageFault['kind'], problem: string) => new StorageFault(kind, problem, cause);
  if (status === undefined || status < 400) return undefined;
  if (status === 401 || status === 403) return fault('denied', `Access to ${what} was denied. Check the credentials.`);
  if (status === 404 || status === 410) return fault('missing', `${capital(what)} doesn’t exist.`);
  if (status === 412 || status === 416)
    return fault('changed', `${capital(what)} was replaced while it was being read.`);
  if (status === 429 || status >= 500) return fault('unreachable', `${server} is too busy or down (HTTP ${status}).`);
  return fault('invalid', `${server} rejected the request for ${what} (HTTP ${status}).`);
}

/** Any error of a client library as a fault with a sentence that contains no secrets. */
export function faultOf(error: unknown, asked: Asked): StorageFault {
  for (let [one, depth] = [error, 0]; depth < MAX_CAUSES && typeof one === 'object' && one !== null; depth += 1) {
    if (one instanceof StorageFault) return one;
    const code = 'code' in one ? String(one.code) : '';
    if (CERTIFICATE.test(code)) {
      return new StorageFault('invalid', `The certificate of ${asked.server} isn’t valid (${code}).`, error);
    }
    if (NETWORK.includes(code))
      return new StorageFault('unreachable', `${asked.server} can’t be reached (${code}).`, error);
    const errors = 'errors' in one && Array.isArray(one.errors) ? one.errors[0] : undefined;
    one = 'cause' in one && one.cause ? one.cause : errors;
  }
  return new StorageFault('unreachable', `${asked.server} didn’t answer as expected (${nameOf(error)}).`, error);
}

function nameOf(error: unknown): string {
  const named = typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : 'Error';
  return named.slice(0, 60);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
