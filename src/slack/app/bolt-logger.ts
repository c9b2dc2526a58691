import { type Logger as BoltLogger, LogLevel } from '@slack/bolt';
import type { Logger } from '../../platform/logger.ts';

/**
 * A logger for Bolt and the Slack clients that writes to ours. Their debug lines hold whole requests and are written
 * only at `trace`. Our level applies; theirs has no effect.
 */
export function boltLogger(log: Logger): BoltLogger {
  let target = log.child({ part: 'bolt' });
  return {
    debug(...parts: unknown[]) {
      if (target.isLevelEnabled('trace')) target.trace(...line(parts));
    },
    info: (...parts: unknown[]) => target.debug(...line(parts)),
    warn: (...parts: unknown[]) => target.warn(...line(parts)),
    error: (...parts: unknown[]) => target.error(...line(parts)),
    setLevel: () => undefined,
    getLevel: () => (log.isLevelEnabled('trace') ? LogLevel.DEBUG : LogLevel.INFO),
    setName(name: string) {
      target = log.child({ part: name });
    },
  };
}

function line(parts: readonly unknown[]): [object, string] {
  const texts = parts.filter((part) => typeof part === 'string');
  const others = parts.filter((part) => typeof part !== 'string');
  const error = others.find((part) => part instanceof Error);
  const rest = others.filter((part) => part !== error);
  const entry = { ...(error === undefined ? {} : { err: error }), ...(rest.length === 0 ? {} : { details: rest }) };
  return [entry, texts.join(' ') || (error?.message ?? 'Bolt')];
}
