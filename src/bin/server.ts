import { createLogger } from '../platform/logger.ts';
import { readSettings } from '../platform/settings.ts';
import { stopOnSignal } from '../platform/shutdown.ts';
import { runProcess } from '../platform/startup.ts';
import { systemClock } from '../platform/system-clock.ts';
import { startProduct } from './product.ts';

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const log = createLogger({ level: settings.logLevel ?? (settings.mode === 'local' ? 'warn' : 'info') });
  if (settings.mode === 'slack') {
    const { slack, mongodbUri } = settings;
    if (!slack || !mongodbUri) throw new Error('The workspace settings are incomplete');
    const { slackApiUrl } = settings;
    const slackApi = slackApiUrl === undefined ? {} : { slackApiUrl };
    const running = await startProduct({ settings, slack, mongodbUri, clock: systemClock, log, ...slackApi });
    log.info({ port: running.port, slack: slack.kind }, 'ready');
    return stopOnSignal(() => running.stop(), log);
  }
  // loaded only here: a production install has none of what it needs
  const { startLocal } = await import('../local/index.ts');
  const local = await startLocal({ settings, start: startProduct, log });
  stopOnSignal(() => local.stop(), log);
}

await runProcess(main);
