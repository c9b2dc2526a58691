import type { RequestListener } from 'node:http';
import express, { type Express } from 'express';
import { rateLimit } from 'express-rate-limit';
import { clientOf, withoutPorts } from '../client-address.ts';
import { limitOptions } from '../limits.ts';

/** A page for everybody, with the limit that applies to requests without a token: by the address they come from. */
export function limitedPage(
  page: RequestListener,
  options: {
    /** Requests per minute for each address. */
    readonly perMinute: number;
    /** Whose X-Forwarded-For is trusted, in the form of Express's `trust proxy`; nobody's by default. */
    readonly trustProxy?: number | readonly string[] | undefined;
  },
): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.set('trust proxy', options.trustProxy ?? false);
  app.use(withoutPorts, rateLimit({ ...limitOptions(options.perMinute), keyGenerator: clientOf }));
  app.use((request, response) => page(request, response));
  return app;
}
