import { type ApiOptions, createApi } from '../api/app.ts';
import { invoiceFiles } from '../api/downloads.ts';
import type { HttpServer } from '../platform/http-server.ts';
import { mountReadiness } from './readiness.ts';

/** The API's paths on the process's server. */
const PREFIXES = ['/v1', '/mcp', '/openapi.json', '/docs'] as const;

/** Mounts the Invoice API with its description, and `/readyz`, on the process's existing server. */
export function mountApi(server: HttpServer, options: Omit<ApiOptions, 'downloads'>): void {
  const checks = process.env.NODE_ENV === 'production' ? 'sample' : 'all';
  const app = createApi({ checks, ...options, downloads: invoiceFiles });
  for (const prefix of PREFIXES) server.mount(prefix, app);
  mountReadiness(server);
}
