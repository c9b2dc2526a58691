import type { HttpServer } from '../platform/http-server.ts';
import { isConnected } from '../store/kit/connect.ts';

/** `/readyz`: 200 while the database responds, otherwise 503, always within 2 s. */
export function mountReadiness(server: HttpServer): void {
  server.mount('/readyz', async (request, response) => {
    request.resume();
    const isReady = await isConnected();
    response.writeHead(isReady ? 200 : 503, { 'content-type': 'text/plain' }).end(isReady ? 'ready' : 'not ready');
  });
}
