import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../billing/period/clock.ts';
import { putInstallState, takeInstallState } from '../../store/workspaces/install-states.ts';

/** How long a person can take to install the app. */
const VALID_MS = 600_000;
const NONCE_BYTES = 24;

/**
 * The states of installations, which tie Slack's answer to the browser that asked (RFC 6749, 10.12). Each is valid for
 * ten minutes and once, in any process. It is signed, so that made-up states don't reach the database.
 */
export class InstallStateKeeper {
  private readonly secret: string;
  private readonly clock: Clock;

  constructor(secret: string, clock: Clock) {
    this.secret = secret;
    this.clock = clock;
  }

  /** A new state. */
  async create(): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    const now = this.clock.now();
    await putInstallState(idOf(nonce), new Date(now.getTime() + VALID_MS), now);
    return `${nonce}.${this.signatureOf(nonce)}`;
  }

  /** @returns whether a state is one of ours, hasn't expired and wasn't used before */
  async use(state: string): Promise<boolean> {
    const [nonce = '', signature = ''] = state.split('.');
    const [given, expected] = [Buffer.from(signature), Buffer.from(this.signatureOf(nonce))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    return takeInstallState(idOf(nonce), this.clock.now());
  }

  private signatureOf(nonce: string): string {
    return createHmac('sha256', this.secret).update(nonce).digest('base64url');
  }
}

function idOf(nonce: string): string {
  return createHash('sha256').update(nonce).digest('hex');
}
