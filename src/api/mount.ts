import type { RequestListener } from 'node:http';
import type { HttpServer } from '../slack/server.ts';
import { isConnected } from '../store/connect.ts';
import { type ApiOptions, createApi } from './app.ts';
import { invoiceFiles } from './downloads.ts';

/** What of the API is mounted on the process's server. */
const PREFIXES = ['/v1', '/openapi.json', '/docs'] as const;

/** Mounts the Invoice API with its description, and `/readyz`, on the server that the process has already. */
export function mountApi(server: HttpServer, options: Omit<ApiOptions, 'downloads'>): void {
  const app = createApi({ ...options, downloads: invoiceFiles });
  for (const prefix of PREFIXES) server.mount(prefix, app);
  server.mount('/readyz', ready);
}

/** 200 while the database answers, else 503. */
const ready: RequestListener = async (request, response) => {
  request.resume();
  const isReady = await isConnected();
  response.writeHead(isReady ? 200 : 503, { 'content-type': 'text/plain' }).end(isReady ? 'ready' : 'not ready');
};
