import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { flagOf, textOf } from '../json.ts';
import { SLACKBOT_ID } from '../state.ts';
import type { Fields, UserGroup } from '../types.ts';
import type { Methods } from './method.ts';

export const userGroups: Methods = {
  'usergroups.list': (core, args) => ({
    usergroups: [...core.state.userGroups.values()].map((group) => ({
      ...shownUserGroup(core, group),
      ...(flagOf(args, 'include_count') && { user_count: group.users.length }),
      ...(flagOf(args, 'include_users') && { users: group.users }),
    })),
  }),

  'usergroups.users.list': (core, args) => {
    const group = core.state.userGroups.get(textOf(args, 'usergroup') ?? '');
    if (!group) throw new SlackRefusal('no_such_subteam');
    return { users: group.users };
  },
};

function shownUserGroup(core: Core, group: UserGroup): Fields {
  return {
    id: group.id,
    team_id: core.state.team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_create: group.updated,
    date_update: group.updated,
    date_delete: 0,
    auto_type: null,
    auto_provision: false,
    enterprise_subteam_id: '',
    created_by: SLACKBOT_ID,
    updated_by: SLACKBOT_ID,
    deleted_by: null,
    prefs: { channels: [], groups: [] },
  };
}
