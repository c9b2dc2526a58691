import type { Core } from '../core.ts';

/** Asks the app for a url_verification challenge. @throws Error when it does not answer with it */
export async function verifyApp(core: Core): Promise<void> {
  const challenge = core.tickets.trigger('');
  const ack = await core.link.json('verification', { type: 'url_verification', challenge });
  const answer =
    typeof ack.body === 'object' && ack.body !== null && 'challenge' in ack.body ? ack.body.challenge : ack.body;
  if (answer !== challenge) throw new Error(`The app didn’t answer the challenge: ${ack.error ?? 'another answer'}`);
}
