import { createHmac } from 'node:crypto';

/**
 * The two headers that prove to an app that a request comes from the workspace
 * (Slack: "Verifying requests from Slack", version v0).
 * @param timestamp Unix seconds of sending, by the wall clock, since the app compares it with its own
 */
export function signatureHeaders(secret: string, body: string, timestamp = nowSeconds()): Record<string, string> {
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': `v0=${digest}` };
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
