import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onCommand } from '../../../src/slack/app/listeners.ts';
import { sendCommand, sendSigned } from '../../support/slack/signed.ts';
import { startTestApp, type TestApp } from '../../support/slack/slack-app.ts';

const FIVE_MINUTES = 300;
/** Room for the time between signing and checking. */
const MARGIN = 30;

let test: TestApp;
let handled = 0;

beforeAll(async () => {
  test = await startTestApp((app) =>
    onCommand(app, '/billing', async () => {
      handled += 1;
    }),
  );
});

afterAll(() => test.stop());

const now = () => Math.floor(Date.now() / 1000);

describe('a signed request', () => {
  it('is answered with 200 and handled when signature and time are right', async () => {
    const before = handled;
    const response = await sendCommand(test.target, '/billing', 'help');
    expect(response.status).toBe(200);
    expect(handled).toBe(before + 1);
  });

  it.each([
    ['almost five minutes old', -(FIVE_MINUTES - MARGIN)],
    ['almost five minutes ahead', FIVE_MINUTES - MARGIN],
  ])('is accepted when it is %s', async (_name, offset) => {
    const response = await sendCommand(test.target, '/billing', '', {}, { timestamp: now() + offset });
    expect(response.status).toBe(200);
  });

  it.each([
    ['more than five minutes old', () => now() - FIVE_MINUTES - 2],
    ['more than five minutes ahead', () => now() + FIVE_MINUTES + MARGIN],
    ['a year ahead', () => now() + 365 * 86_400],
    ['without a timestamp', () => null],
    ['with an empty timestamp', () => ''],
    ['with a timestamp in fractional seconds', () => `${now()}.5`],
    ['with a timestamp in hexadecimal', () => `0x${now().toString(16)}`],
    ['with a timestamp in milliseconds', () => Date.now()],
    ['with a timestamp in words', () => 'now'],
    ['with a negative timestamp', () => -1],
  ])('is rejected with 401 when it is %s, even with a matching signature', async (_name, timestamp) => {
    const before = handled;
    const response = await sendCommand(test.target, '/billing', '', {}, { timestamp: timestamp() });
    expect(response.status).toBe(401);
    expect(handled).toBe(before);
  });

  it.each([
    ['is wrong', `v0=${'0'.repeat(64)}`],
    ['is missing', null],
    ['is empty', ''],
    ['has another version', `v1=${'0'.repeat(64)}`],
  ])('is rejected with 401 when the signature %s', async (_name, signature) => {
    const before = handled;
    const response = await sendCommand(test.target, '/billing', '', {}, { signature });
    expect(response.status).toBe(401);
    expect(handled).toBe(before);
  });

  it('is rejected with 401 when it was signed with another secret', async () => {
    const response = await sendCommand({ ...test.target, secret: 'another' }, '/billing', '');
    expect(response.status).toBe(401);
  });

  it('is rejected with 413 when its body is longer than 1 MB', async () => {
    const response = await sendSigned(test.target, `text=${'x'.repeat(1024 * 1024)}`);
    expect(response.status).toBe(413);
  });

  it('is answered with 400 when its signed body isn’t what Slack sends', async () => {
    const response = await sendSigned(test.target, '{"half', { contentType: 'application/json' });
    expect(response.status).toBe(400);
  });
});
