import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { migrate } from '../src/store/migrations/migrate.ts';
import { TestClock } from './support/context.ts';
import { useDatabase } from './support/database/database.ts';
import { type Product, startProduct } from './support/product.ts';

/** The scope of each Web API method that the code calls (Slack's method pages); null if none is needed. */
const SCOPES: Readonly<Record<string, readonly string[] | null>> = {
  'auth.test': null,
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.unfurl': ['links:write'],
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.join': ['channels:join'],
  'conversations.open': ['im:write'],
  'files.info': ['files:read'],
  filesUploadV2: ['files:write'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'users.list': ['users:read'],
  'views.open': null,
  'views.push': null,
  'views.publish': null,
  'views.update': null,
};
/** The scope of each event (Slack's event pages). */
const EVENT_SCOPES: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  app_uninstalled: [],
  file_shared: ['files:read'],
  link_shared: ['links:read'],
  'message.im': ['im:history'],
  subteam_members_changed: ['usergroups:read'],
  team_join: ['users:read'],
  tokens_revoked: [],
  user_change: ['users:read'],
};
/** For channel pickers and the messages in them. */
const BESIDES = ['commands', 'channels:read'];

const manifest = parse(readFileSync('manifest.yml', 'utf8'));
let product: Product;

useDatabase(migrate);
beforeAll(async () => {
  product = await startProduct(new TestClock('2024-10-01T00:00:00Z'));
});
afterAll(() => product.stop());

function named(kind: string): string[] {
  return product.app.registry.registered
    .filter((one) => one.kind === kind)
    .map((one) => (one.kind === 'event' && one.name === 'message' ? 'message.im' : one.name))
    .sort();
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(folder, file));
}

function methodsCalled(): string[] {
  const files = [...sources('src/slack'), ...sources('commands'), ...sources('views'), ...sources('jobs')];
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const calls = text.matchAll(
    /\b(auth|chat|conversations|files|usergroups(?:\.users)?|users|views)\.(test|[a-z]+[A-Za-z]*)\(/g,
  );
  const methods = [...calls]
    .map(([, family, method]) => `${family}.${method}`)
    .filter((name) =>
      /^(auth|chat|conversations|usergroups(?:\.users)?|users|views|files)\.(test|post|open|push|publish|update|history|replies|join|info|delete|list|unfurl|upload)/.test(
        name,
      ),
    );
  return [...new Set([...methods, ...(text.includes('filesUploadV2(') ? ['filesUploadV2'] : [])])].sort();
}

it('the manifest names the commands, events and shortcuts that the code listens to', () => {
  expect(manifest.features.slash_commands.map((one: { command: string }) => one.command)).toEqual(named('command'));
  expect([...manifest.settings.event_subscriptions.bot_events].sort()).toEqual(named('event'));
  expect((manifest.features.shortcuts ?? []).map((one: { callback_id: string }) => one.callback_id)).toEqual(
    named('shortcut'),
  );
});

it('the manifest has interactivity and an address for menus, since the code listens to them', () => {
  expect(named('action').length).toBeGreaterThan(0);
  expect(manifest.settings.interactivity.is_enabled).toBe(true);
  expect(named('options').length).toBeGreaterThan(0);
  expect(manifest.settings.interactivity.message_menu_options_url).toEqual(expect.any(String));
});

it('the manifest requests exactly the scopes that the calls and events need', () => {
  const called = methodsCalled();
  expect(called.filter((method) => !(method in SCOPES))).toEqual([]);
  const needed = [
    ...called.flatMap((method) => SCOPES[method] ?? []),
    ...named('event').flatMap((event) => EVENT_SCOPES[event] ?? ['unknown event']),
    ...BESIDES,
  ];
  expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...new Set(needed)].sort());
});

it('the manifest shows the Home tab', () => {
  expect(manifest.features.app_home.home_tab_enabled).toBe(true);
});
