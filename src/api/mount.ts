import { mountReadiness } from '../platform/readiness.ts';
import type { HttpServer } from '../slack/app/http-server.ts';
import { type ApiOptions, createApi } from './app.ts';
import { invoiceFiles } from './downloads.ts';

/** What of the API is mounted on the process's server. */
const PREFIXES = ['/v1', '/openapi.json', '/docs'] as const;

/** Mounts the Invoice API with its description, and `/readyz`, on the server that the process has already. */
export function mountApi(server: HttpServer, options: Omit<ApiOptions, 'downloads'>): void {
  const app = createApi({ ...options, downloads: invoiceFiles });
  for (const prefix of PREFIXES) server.mount(prefix, app);
  mountReadiness(server);
}
