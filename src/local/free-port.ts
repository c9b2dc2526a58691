import { createServer } from 'node:net';

/** The port if it is free, otherwise 0 for any port, so that two local modes can run side by side. */
export function freeOrAny(port: number, host: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(0));
    server.listen(port, host, () => server.close(() => resolve(port)));
  });
}
