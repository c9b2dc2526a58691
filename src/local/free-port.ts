import { createServer } from 'node:net';

/** A port if it is free, else 0, which stands for any: two local modes can run beside each other. */
export function freeOrAny(port: number, host: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(0));
    server.listen(port, host, () => server.close(() => resolve(port)));
  });
}
