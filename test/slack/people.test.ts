import { expect, it } from '@jest/globals';
import { whyNoMember } from '../../src/slack/people.ts';

const TEAM = 'T1';

it.each([
  ['of another workspace', { id: 'U1', team_id: 'T9' }, 'another workspace'],
  [
    'of another one of the same organisation',
    { id: 'U1', team_id: 'T9', enterprise_user: { teams: ['T8'] } },
    'another',
  ],
  ['that is a bot', { id: 'U1', team_id: TEAM, is_bot: true }, 'app or bot'],
  ['that is Slackbot, which Slack calls no bot', { id: 'USLACKBOT', team_id: TEAM, is_bot: false }, 'app or bot'],
  ['that was switched off', { id: 'U1', team_id: TEAM, deleted: true }, 'switched off'],
])('a user %s can be no member', (_what, user, why) => {
  expect(whyNoMember(user, TEAM)).toContain(why);
});

it.each([
  ['of this workspace', { id: 'U1', team_id: TEAM }],
  ['of the organisation who is in this workspace', { id: 'U1', team_id: 'E1', enterprise_user: { teams: [TEAM] } }],
])('a person %s can be one', (_what, user) => {
  expect(whyNoMember(user, TEAM)).toBeUndefined();
});
