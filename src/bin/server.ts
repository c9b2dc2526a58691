import { createLogger } from '../platform/logger.ts';
import { readSettings } from '../platform/settings.ts';
import { stopOnSignal } from '../platform/shutdown.ts';
import { runProcess } from '../platform/startup.ts';
import { wrongSetting } from '../platform/startup-error.ts';
import { systemClock } from '../platform/system-clock.ts';
import { startTelemetry } from '../platform/telemetry.ts';
import { startProduct } from './product.ts';

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const log = createLogger({ level: settings.logLevel ?? (settings.mode === 'local' ? 'warn' : 'info') });
  const stopTelemetry = await startTelemetry(settings.telemetryEndpoint, log);
  const stopOnSignals = (running: { stop(): Promise<void> }) =>
    stopOnSignal(() => running.stop().finally(stopTelemetry), log);
  if (settings.mode === 'slack') {
    const { slack, mongodbUri } = settings;
    if (!slack || !mongodbUri) throw new Error('The workspace settings are incomplete');
    const { slackApiUrl } = settings;
    const slackApi = slackApiUrl === undefined ? {} : { slackApiUrl };
    const running = await startProduct({ settings, slack, mongodbUri, clock: systemClock, log, ...slackApi });
    log.info({ port: running.port, slack: slack.kind }, 'ready');
    return stopOnSignals(running);
  }
  const { startLocal } = await import('../local/index.ts').catch(refuseWithoutLocalMode);
  const local = await startLocal({ settings, start: startProduct, log });
  stopOnSignals(local);
}

/** A production build has no local mode, and an install without development dependencies can't run it. */
function refuseWithoutLocalMode(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
  throw wrongSetting(
    'Local mode is only part of the source with its development dependencies: set SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET and MONGODB_URI.',
    error,
  );
}

await runProcess(main);
