import { fork } from 'node:child_process';
import { once } from 'node:events';
import { registerBilling } from '../../commands/billing.ts';
import type { Clock } from '../../src/billing/period/clock.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { createSlackApp } from '../../src/slack/app/app.ts';

export const SECRET = 'a-secret-of-the-bench';

/** The context for services in a bench. */
export function benchContext(clock: Clock): Ctx {
  return { clock, log: silentLogger(), actor: { kind: 'operator' }, nudge: () => undefined };
}

/**
 * Starts a client in a separate process, which stands in for Slack, and creates the app that talks to it, not started
 * yet.
 */
export async function appWithClient(clock: Clock, clientPath: string, args: readonly string[] = []) {
  const client = fork(clientPath, args, { execArgv: ['--import', 'tsx'] });
  const [slackApiUrl] = await once(client, 'message');
  const app = createSlackApp({
    botToken: 'xoxb-bench',
    way: { kind: 'http', signingSecret: SECRET },
    log: silentLogger(),
    clock: { now: () => new Date() },
    slackApiUrl: String(slackApiUrl),
  });
  const deps = { clock, nudge: () => undefined };
  registerBilling(app, deps);
  return { client, app, deps };
}
