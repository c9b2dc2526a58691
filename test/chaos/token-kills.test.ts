import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SecretBox } from '../../src/platform/secret-box.ts';
import { openToken, saveInstallation } from '../../src/services/workspaces/installations.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Installations, installationById } from '../../src/store/workspaces/installations.ts';
import { type Child, nextLine, startChild } from '../support/children.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';
import { type SlackApiStandIn, startSlackApi } from '../support/slack/slack-api.ts';

useDatabase(migrate);

/** Set TOKEN_REFRESHES=1000 for the long run. */
const REFRESHES = Number(process.env.TOKEN_REFRESHES ?? 30);
/** A process is killed after about this many refreshes, so that the long run has about 50 kills. */
const PER_KILL = Math.max(5, REFRESHES / 50);
const TEAM = 'T1';
const key = randomBytes(32);
const box = new SecretBox([key]);

/**
 * Refresh tokens as a server has to treat them, so that a client whose answer is lost can ask again: the current one,
 * and the one before it until the tokens that replaced it are used.
 */
const tokens = { issued: 0, current: 'r0', before: '', answer: {}, repeats: 0, unknown: [] as unknown[] };
let slack: SlackApiStandIn;

beforeAll(async () => {
  slack = await startSlackApi();
  slack.answer('oauth.v2.access', ({ args }) => {
    const given = args.refresh_token;
    if (given === tokens.before) {
      tokens.repeats += 1;
      return { body: tokens.answer };
    }
    if (given !== tokens.current) {
      tokens.unknown.push(given);
      return { body: { ok: false, error: 'invalid_refresh_token' } };
    }
    tokens.issued += 1;
    tokens.before = tokens.current;
    tokens.current = `r${tokens.issued}`;
    tokens.answer = {
      ok: true,
      access_token: `xoxb-${tokens.issued}`,
      refresh_token: tokens.current,
      expires_in: 3_600,
    };
    return { body: tokens.answer };
  });
});
afterAll(() => slack.close());

function start(): Child {
  return startChild('test/children/refresher.ts', [testDatabaseUri(), slack.url, TEAM, key.toString('hex')]);
}

it(`${REFRESHES} refreshes by two processes that are killed lose no refresh token`, async () => {
  await saveInstallation(
    { box, clock: { now: () => new Date() } },
    {
      ...{ botToken: 'xoxb-0', refreshToken: 'r0', expiresAt: new Date(), teamId: TEAM, enterpriseId: null },
      ...{ name: 'Acme', botId: 'B1', botUserId: 'UBOT', scopes: [], installedBy: 'U1' },
    },
  );
  let kills = 0;
  const lane = async () => {
    while (tokens.issued < REFRESHES) {
      const child = start();
      expect(await nextLine(child)).toBe('ready');
      const goal = Math.min(REFRESHES, tokens.issued + 1 + Math.floor(Math.random() * 2 * PER_KILL));
      while (tokens.issued < goal) await wait(1);
      child.process.kill('SIGKILL');
      await child.ended;
      kills += 1;
    }
  };
  await Promise.all([lane(), lane()]);
  const last = await installationById(TEAM);
  const known = last && openToken(box, last, 'refreshToken');
  // the last process may have been killed before it could store what Slack answered
  expect([tokens.current, tokens.before]).toContain(known);
  expect(tokens.unknown).toEqual([]);
  expect(kills).toBeGreaterThanOrEqual(2);
  expect(tokens.repeats).toBeLessThanOrEqual(kills);
  expect(await Installations.countDocuments({ endedAt: null })).toBe(1);
  if (process.env.TOKEN_REFRESHES)
    process.stdout.write(
      `${tokens.issued} refreshes, ${kills} kills, ${tokens.repeats} answers lost and asked for again\n`,
    );
}, 1_200_000);
