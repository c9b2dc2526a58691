/** The bot's scopes, as in manifest.yml, each with what it is needed for. */
export const SCOPES = {
  'channels:history': 'finds a message again whose outcome is unknown, and the message that shared a cost file',
  'channels:join': 'joins the channels that people choose for notifications',
  'channels:read': 'warns when a chosen channel is shared with another organization',
  'chat:write': 'answers, and posts invoices and other notifications',
  commands: 'the command /billing and the shortcut “Move projects”',
  'files:read': 'reads the cost files that people share',
  'files:write': 'attaches invoices as PDF, CSV, JSON and XML',
  'groups:history': 'the same as channels:history, in private channels that the app was invited to',
  'groups:read': 'the same as channels:read, in private channels that the app was invited to',
  'im:history': 'reads what people write to the app directly',
  'im:write': 'opens a direct message, for files and personal notifications',
  'links:read': 'sees links to this app’s own address in messages, and no others',
  'links:write': 'shows below a message what its channel may see of such a link',
  'usergroups:read': 'gives roles to user groups',
  'users:read': 'checks who may set up billing, and that guests, apps and other organizations get no role',
} as const;
