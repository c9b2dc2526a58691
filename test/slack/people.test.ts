import { expect, it } from '@jest/globals';
import { membershipObstacle, standingOf } from '../../src/slack/web-api/people.ts';

const TEAM = 'T1';

it.each([
  ['from another workspace', { id: 'U1', team_id: 'T9' }, 'outsider'],
  [
    'from another workspace in the same organization',
    { id: 'U1', team_id: 'T9', enterprise_user: { teams: ['T8'] } },
    'outsider',
  ],
  ['that is a bot', { id: 'U1', team_id: TEAM, is_bot: true }, 'app'],
  ['that is Slackbot, which Slack doesn’t mark as a bot', { id: 'USLACKBOT', team_id: TEAM, is_bot: false }, 'app'],
  ['that is deactivated', { id: 'U1', team_id: TEAM, deleted: true }, 'deactivated'],
])('a user %s can’t be a member', (_what, user, why) => {
  expect(membershipObstacle(user, TEAM)).toBe(why);
});

it.each([
  ['in this workspace', { id: 'U1', team_id: TEAM }],
  ['from the organization who is in this workspace', { id: 'U1', team_id: 'E1', enterprise_user: { teams: [TEAM] } }],
])('a person %s can be a member', (_what, user) => {
  expect(membershipObstacle(user, TEAM)).toBeUndefined();
});

it.each([
  ['an admin', { is_admin: true }, 'workspace_admin'],
  ['an owner', { is_owner: true }, 'workspace_admin'],
  ['the primary owner', { is_primary_owner: true }, 'workspace_admin'],
  ['a regular user', {}, 'full_member'],
  ['a guest in several channels', { is_restricted: true }, 'guest'],
  ['a guest in one channel', { is_restricted: true, is_ultra_restricted: true }, 'guest'],
  ['a stranger in a shared channel', { is_stranger: true, is_admin: true }, 'outsider'],
  ['an admin from another workspace', { team_id: 'T9', is_admin: true }, 'outsider'],
  ['a deactivated owner', { deleted: true, is_owner: true }, 'deactivated'],
  ['a bot', { is_bot: true, is_admin: true }, 'app'],
])('%s has the right standing in the workspace', (_who, user, standing) => {
  expect(standingOf({ id: 'U1', team_id: TEAM, ...user }, TEAM)).toBe(standing);
});
