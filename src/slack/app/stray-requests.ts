import type { AnyMiddlewareArgs, Middleware } from '@slack/bolt';
import type { Logger } from '../../platform/logger.ts';

/**
 * Acknowledges requests without a listener, such as a button in a message from an earlier version or a button that only
 * opens a link. Otherwise the person would see a warning sign and Slack would send the request again.
 */
export function acknowledgeStrays(log: Logger): Middleware<AnyMiddlewareArgs> {
  return async (args) => {
    await args.next();
    // set by the wrappers in register.ts, which acknowledge themselves
    if (args.context.listened === true || !('ack' in args) || typeof args.ack !== 'function') return;
    const link = 'action' in args && 'url' in args.action && args.action.url !== undefined;
    if (!link) log.warn({ type: args.body.type, user: args.context.userId }, 'no listener handles this request');
    await args.ack();
  };
}
