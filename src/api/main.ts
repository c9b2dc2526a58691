// npm run api: the Invoice API in a process of its own, beside the one that speaks with Slack. It asks for no ticks, since
// the jobs of that other process find by themselves what there is to do.
import { systemClock } from '../clock.ts';
import { databaseUri } from '../imports/database-uri.ts';
import { createLogger } from '../log.ts';
import { EXIT_CONFIG, readSettings, SettingsError } from '../settings.ts';
import { createHttpServer } from '../slack/server.ts';
import { connectStore, disconnectStore } from '../store/connect.ts';
import { mountApi } from './mount.ts';

/** Slack is the other process's affair: none of its settings is needed here. */
const { MONGODB_URI, HOST, PORT, LOG_LEVEL, DATA_DIR, API_RATE_LIMIT, API_CORS_ORIGINS, TRUST_PROXY } = process.env;
const OWN = { MONGODB_URI, HOST, PORT, LOG_LEVEL, DATA_DIR, API_RATE_LIMIT, API_CORS_ORIGINS, TRUST_PROXY };

try {
  const settings = readSettings(OWN);
  if (process.env.NODE_ENV === 'production' && !process.env.MONGODB_URI)
    throw new SettingsError(['MONGODB_URI is missing']);
  const log = createLogger({ level: settings.logLevel });
  await connectStore(databaseUri(process.env));
  const server = createHttpServer({ log });
  mountApi(server, { perMinute: 600, ...settings.api, clock: systemClock, log, nudge: () => undefined });
  const port = await server.listen(settings.port, settings.host);
  log.info({ port, host: settings.host }, 'ready');
  const stop = async (): Promise<void> => {
    await server.close();
    await disconnectStore();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(error instanceof SettingsError ? EXIT_CONFIG : 1);
}
