import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readSettings, SETTING_NAMES, SettingsError } from '../../src/platform/settings.ts';

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

describe('settings', () => {
  it('default to local mode', () => {
    expect(readSettings({})).toMatchObject({ mode: 'local', localPort: 4000, slack: undefined });
  });

  it('leave the log level to the process unless one is set', () => {
    expect(readSettings({}).logLevel).toBeUndefined();
    expect(readSettings({ LOG_LEVEL: 'debug' })).toMatchObject({ mode: 'local', logLevel: 'debug' });
    expect(faultsOf({ LOG_LEVEL: 'loud' })).toHaveLength(1);
  });

  it('in production never fall back to local mode, and list everything missing at once, with its purpose', () => {
    const faults = faultsOf({ NODE_ENV: 'production' });
    for (const name of ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'MONGODB_URI']) {
      expect(faults.filter((fault) => fault.includes(`${name} is missing: `))).toHaveLength(1);
    }
  });

  it('with a bot token require a way to receive requests and a database', () => {
    expect(faultsOf({ SLACK_BOT_TOKEN: 'xoxb-1' })).toHaveLength(3);
    expect(faultsOf({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', MONGODB_URI: 'mongodb://h/d' })).toEqual(
      [],
    );
  });

  it('list invalid and missing values together', () => {
    const faults = faultsOf({ SLACK_BOT_TOKEN: 'secret-of-mine', PORT: 'high', MONGODB_URI: 'postgres://h' });
    expect(faults).toHaveLength(5);
    // an invalid value may be a secret, so it isn't repeated
    expect(faults.join()).not.toContain('secret-of-mine');
  });

  it('for many workspaces name everything that is missing', () => {
    const faults = faultsOf({ SLACK_CLIENT_ID: '123.456', MONGODB_URI: 'mongodb://h/d' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      ...['SLACK_CLIENT_SECRET', 'SLACK_STATE_SECRET', 'SLACK_SIGNING_SECRET', 'SECRETS_KEY'],
    ]);
  });

  it('choose HTTP when both ways are set, and treat an empty variable as not set', () => {
    const both = {
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_SIGNING_SECRET: '12345678',
      SLACK_APP_TOKEN: 'xapp-1',
      MONGODB_URI: 'mongodb://h/d',
    };
    expect(readSettings(both).slack).toMatchObject({ kind: 'http' });
    expect(readSettings({ ...both, SLACK_SIGNING_SECRET: '' }).slack).toMatchObject({ kind: 'socket' });
  });

  it('enable the Invoice API by default, with a limit and without other origins', () => {
    expect(readSettings({}).api).toEqual({ perMinute: 600, corsOrigins: [] });
    expect(readSettings({ API: 'off' }).api).toBeUndefined();
    const api = { API_RATE_LIMIT: '60', API_CORS_ORIGINS: 'https://bi.example.com/, http://127.0.0.1:8080' };
    expect(readSettings(api).api).toEqual({
      perMinute: 60,
      corsOrigins: ['https://bi.example.com', 'http://127.0.0.1:8080'],
    });
    expect(faultsOf({ API_RATE_LIMIT: '0', API_CORS_ORIGINS: 'everybody' })).toHaveLength(2);
  });
});

describe('BASE_URL', () => {
  const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: '12345678', MONGODB_URI: 'mongodb://h/d' };
  const withBase = (url: string) => ({ ...slack, BASE_URL: url, SLACK_APP_ID: 'A0123456789' });

  it('is where links begin, with the limit of the API for addresses', () => {
    const expected = { baseUrl: 'https://billing.example.com', appId: 'A0123456789', perMinute: 600 };
    for (const url of [
      'https://billing.example.com',
      'https://billing.example.com/',
      'https://Billing.example.com:443',
    ]) {
      expect(readSettings({ ...withBase(url), API: 'off' }).links).toEqual(expected);
    }
    expect(readSettings(slack).links).toBeUndefined();
    expect(readSettings({ ...slack, SLACK_APP_ID: 'A0123456789' }).links).toBeUndefined();
  });

  it('needs the app’s ID', () => {
    expect(faultsOf({ ...slack, BASE_URL: 'https://billing.example.com' })).toEqual([
      expect.stringContaining('SLACK_APP_ID is missing: '),
    ]);
  });

  it.each([
    'billing.example.com',
    'ftp://billing.example.com',
    'https://billing.example.com/app',
    'https://billing.example.com?x',
    'https://billing.example.com/#x',
    'https://user@billing.example.com',
    'https://',
  ])('isn’t %s', (url) => expect(faultsOf(withBase(url))).toHaveLength(1));

  it('comes with an ID that is the app’s', () => {
    expect(faultsOf({ ...withBase('https://billing.example.com'), SLACK_APP_ID: 'T0123456789' })).toHaveLength(1);
  });
});

describe('TRUST_PROXY', () => {
  it.each<[string, number | string[]]>([
    ['1', 1],
    ['loopback', ['loopback']],
    ['10.0.0.0/8, 192.168.1.7', ['10.0.0.0/8', '192.168.1.7']],
    ['2001:db8::/32', ['2001:db8::/32']],
  ])('%s is read', (text, expected) => {
    expect(readSettings({ TRUST_PROXY: text }).trustProxy).toEqual(expected);
  });

  it.each(['0', '11', 'true', 'yes', '10.0.0.0/33', '10.0.0', 'proxy.example.com', '10.0.0.1/8/9', ','])(
    '%s is rejected',
    (text) => {
      expect(() => readSettings({ TRUST_PROXY: text })).toThrow(/TRUST_PROXY must be/);
    },
  );
});

describe('.env.example', () => {
  /** A comment with one or more lines, then the setting, commented out. */
  const ENTRY = /(?<comment>(?:^# .+\n)+)^#(?<name>[A-Z_]+)=(?<value>.+)$/gm;
  const entries = [...readFileSync('.env.example', 'utf8').matchAll(ENTRY)].map(({ groups }) => ({
    name: groups?.name ?? '',
    value: groups?.value ?? '',
    default: /Default: (\S+)\n$/.exec(groups?.comment ?? '')?.[1],
  }));

  it('has every setting once with a comment, and no others', () => {
    expect(entries.map(({ name }) => name).sort()).toEqual([...SETTING_NAMES].sort());
  });

  it('has values that can be uncommented as they are', () => {
    const without = (names: readonly string[]) =>
      Object.fromEntries(entries.filter(({ name }) => !names.includes(name)).map(({ name, value }) => [name, value]));
    const [one, many] = [
      ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'],
      ['SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET', 'SLACK_STATE_SECRET'],
    ];
    expect(faultsOf(without(many))).toEqual([]);
    expect(faultsOf(without(one))).toEqual([]);
    expect(readSettings(without(one)).slack).toMatchObject({ kind: 'many', install: { clientId: '123.456' } });
    expect(faultsOf(without([]))).toHaveLength(one.length);
  });

  it('states the actual defaults', () => {
    const stated = entries.filter((entry) => entry.default !== undefined);
    expect(stated.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['HOST', 'PORT', 'API_RATE_LIMIT', 'LOCAL_PORT', 'DATA_DIR']),
    );
    expect(stated.map(({ value }) => value)).toEqual(stated.map((entry) => entry.default));
    expect(readSettings(Object.fromEntries(stated.map(({ name, value }) => [name, value])))).toEqual(readSettings({}));
  });
});

it('docs/operations.md has every setting in its table', () => {
  // the secrets have a separate table
  const [, table = ''] = /^\| setting \| .+\n((?:\|.*\n)+)/m.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
  const rows = table.match(/^\| `[A-Z].*$/gm) ?? [];
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name),
  );
  expect(named.sort()).toEqual([...SETTING_NAMES].sort());
});
