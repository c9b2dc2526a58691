import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boltLogger } from '../../src/slack/app/bolt-logger.ts';
import { testLog } from '../support/slack/slack-app.ts';

/** These look like tokens. They are assembled here so that no scanner takes them for real ones. */
const BOT_TOKEN = ['xoxb', '1234567890', 'abcdefABCDEF'].join('-');
const APP_TOKEN = ['xapp', '1', 'A0001', '42', 'cafe'].join('-');
const CARD = '4111111111111111';

describe('a log line', () => {
  it('is one JSON object with a level, the UTC time and bound fields', () => {
    const { log, lines } = testLog();
    log.child({ requestId: 'r1' }).info({ rows: 3 }, 'imported');
    expect(lines).toMatchObject([{ level: 'info', requestId: 'r1', rows: 3, msg: 'imported' }]);
    expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it.each([
    ['a bot token', BOT_TOKEN],
    ['an app token', APP_TOKEN],
    ['a card number', CARD],
    ['a grouped card number', '4111 1111 1111 1111'],
    ['a card number with hyphens', '4111-1111-1111-1111'],
    ['an American Express number', '378282246310005'],
    ['an email address', 'ann.lee+bills@acme.example'],
    ['a response_url', 'https://hooks.slack.com/commands/T1/123/abcdef'],
    ['a password in a URL', 'mongodb://root:hunter2@db.example/billing'],
    ['an authorization header', 'Bearer abcdefghijklmnop'],
  ])('never includes %s, wherever it is', (_name, secret) => {
    const { log, lines } = testLog();
    const cause = new Error(`cause ${secret}`);
    log.info(`text ${secret}.`);
    log.info({ deep: [{ note: `see ${secret}` }] }, 'text %s', secret);
    log.error(new Error(`failed with ${secret}`, { cause }));
    log.error({ err: Object.assign(new Error(secret), { data: { note: secret } }) });
    log.child({ note: secret }).warn({ note: secret }, `again ${secret}`);
    const written = JSON.stringify(lines);
    expect(lines).toHaveLength(5);
    expect(written).not.toContain(secret);
    expect(written).not.toContain('hunter2');
    expect(written).toContain('[redacted]');
  });

  it.each([
    'token',
    'botToken',
    'Authorization',
    'signing_secret',
    'password',
    'cookie',
    'apiKey',
    'trigger_id',
    'response_url',
    'email',
  ])('hides the value of %s, whatever it is', (key) => {
    const { log, lines } = testLog();
    log.info({ [key]: 'plain', deep: { [key]: { a: 'plain' } } }, 'x');
    log.child({ [key]: 'plain' }).info('y');
    expect(JSON.stringify(lines)).not.toContain('plain');
  });

  it('keeps what isn’t secret: IDs, amounts, message timestamps, instants, other long numbers', () => {
    const { log, lines } = testLog();
    const kept = {
      user: 'U0123',
      ts: '1700000000.000100',
      ms: 1_700_000_000_003,
      amount: '20.52022672899',
      number: '4111111111111112',
    };
    log.info(kept, 'inv_1 of T0001');
    expect(lines).toMatchObject([{ ...kept, msg: 'inv_1 of T0001' }]);
  });

  it('keeps an error’s type, message, stack and causes', () => {
    const { log, lines } = testLog();
    log.error({ err: new TypeError('outer', { cause: new Error('inner') }) }, 'failed');
    expect(lines).toMatchObject([
      { msg: 'failed', err: { type: 'TypeError', message: 'outer', cause: { message: 'inner' } } },
    ]);
    expect(Object(lines[0]?.err).stack).toContain('logger.test.ts');
  });

  it('handles cycles, deep trees and unusual objects', () => {
    const { log, lines } = testLog();
    const circle: Record<string, unknown> = { name: 'c' };
    circle.self = circle;
    let deep: unknown = 'bottom';
    for (let i = 0; i < 50; i += 1) deep = { deep };
    log.info({ circle, deep, map: new Map([['a', BOT_TOKEN]]), run: () => BOT_TOKEN, big: 10n ** 18n }, 'x');
    expect(lines).toMatchObject([{ circle: { name: 'c', self: '[circular]' }, map: '[Map]', run: '[function]' }]);
    expect(JSON.stringify(lines)).not.toContain(BOT_TOKEN);
  });

  it('never has a card number, whatever surrounds it', () => {
    const around = fc.stringMatching(/^[a-z ,;:()"']{0,12}$/);
    fc.assert(
      fc.property(around, around, (before, after) => {
        const { log, lines } = testLog();
        log.info({ note: `${before} ${CARD} ${after}` }, `${before} ${CARD}, ${after}`);
        expect(JSON.stringify(lines)).not.toContain(CARD);
      }),
    );
  });
});

describe('Bolt’s logger', () => {
  it('writes to ours, with debug lines (which hold whole requests) only at trace', () => {
    const { log, lines } = testLog('debug');
    const bolt = boltLogger(log);
    bolt.debug(`http request body: ${BOT_TOKEN}`);
    bolt.info('connected');
    bolt.warn('slow', { token: 'plain' });
    bolt.error(new Error(`lost ${BOT_TOKEN}`));
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['debug', 'connected'],
      ['warn', 'slow'],
      ['error', 'lost [redacted]'],
    ]);
    expect(JSON.stringify(lines)).not.toContain('plain');
  });
});
