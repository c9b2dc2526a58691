import { setTimeout as wait } from 'node:timers/promises';
import type { Core } from '../core.ts';
import { jsonReply, type Reply } from './server.ts';

const SLOW_MS = 100;

/** Handles a call, unless a fault affects it. */
export async function faulty(core: Core, method: string, carryOut: () => Promise<Reply>): Promise<Reply> {
  const fault = core.faults.take(method);
  switch (fault?.kind) {
    case undefined:
      return carryOut();
    case '429':
      return jsonReply({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': String(fault.retryAfter ?? 1) });
    case '500':
      return { status: fault.status ?? 500, headers: { 'content-type': 'text/plain' }, body: 'Server Error' };
    case 'error':
      return jsonReply({ ok: false, error: fault.error ?? 'fatal_error' });
    case 'slow':
      await wait(fault.ms ?? SLOW_MS);
      return carryOut();
    case 'drop-before':
      return 'drop';
    case 'drop-after':
      await carryOut();
      return 'drop';
  }
}
