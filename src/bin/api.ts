// npm run api: the Invoice API as a separate process, beside the one that serves Slack. It requests no ticks, since the
// other
// process's jobs find what there is to do themselves.

import { documentPool } from '../documents/pool.ts';
import { connectFound } from '../imports/command-line/database-uri.ts';
import { createHttpServer } from '../platform/http-server.ts';
import { createLogger } from '../platform/logger.ts';
import { readSettings, SettingsError } from '../platform/settings.ts';
import { stopOnSignal } from '../platform/shutdown.ts';
import { runProcess, whenAvailable } from '../platform/startup.ts';
import { systemClock } from '../platform/system-clock.ts';
import { startTelemetry } from '../platform/telemetry.ts';
import { disconnectStore } from '../store/kit/connect.ts';
import { mountApi } from './mount-api.ts';

/** the other process handles Slack, so none of its settings are needed here */
const { MONGODB_URI, HOST, PORT, LOG_LEVEL, DATA_DIR, STARTUP_TIMEOUT_SECONDS } = process.env;
const { API_RATE_LIMIT, API_CORS_ORIGINS, TRUST_PROXY, OTEL_EXPORTER_OTLP_ENDPOINT } = process.env;
const OWN = {
  ...{ MONGODB_URI, HOST, PORT, LOG_LEVEL, DATA_DIR, STARTUP_TIMEOUT_SECONDS },
  ...{ API_RATE_LIMIT, API_CORS_ORIGINS, TRUST_PROXY, OTEL_EXPORTER_OTLP_ENDPOINT },
};

async function main(): Promise<void> {
  const settings = readSettings(OWN);
  if (process.env.NODE_ENV === 'production' && !MONGODB_URI) throw new SettingsError(['MONGODB_URI is missing']);
  const log = createLogger({ level: settings.logLevel ?? 'info' });
  const stopTelemetry = await startTelemetry(settings.telemetryEndpoint, log);
  let isStarting = true;
  const server = createHttpServer({ log, isStarting: () => isStarting });
  mountApi(server, { perMinute: 600, ...settings.api, clock: systemClock, log, nudge: () => undefined });
  const port = await server.listen(settings.port, settings.host);
  const tell = (sentence: string) => log.warn(sentence);
  await whenAvailable(() => connectFound(process.env), { limitMs: settings.startupTimeoutMs, tell });
  isStarting = false;
  log.info({ port, host: settings.host }, 'ready');
  stopOnSignal(async () => {
    await server.close();
    await documentPool.stop();
    await disconnectStore();
    await stopTelemetry();
  }, log);
}

await runProcess(main);
