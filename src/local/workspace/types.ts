import type { WaitingFault } from './faults/faults.ts';

/** A JSON object with unknown fields, as sent by an app or a page. */
export type Fields = { [key: string]: unknown };

export interface Team {
  id: string;
  name: string;
  domain: string;
  /** Of an organization's workspace (Enterprise Grid). */
  enterprise_id?: string;
}

export interface Person {
  id: string;
  name: string;
  real_name: string;
  title?: string;
  /** IANA zone name. */
  tz?: string;
  is_bot?: boolean;
  is_admin?: boolean;
  is_owner?: boolean;
  is_restricted?: boolean;
  is_ultra_restricted?: boolean;
  /** From another organization. */
  is_stranger?: boolean;
  /** Their home workspace, if it isn't this one. */
  team_id?: string;
  /** Deactivated. */
  deleted?: boolean;
  /** Unix seconds of the last change; 0 by default. */
  updated?: number;
}

/** What a newcomer sees first. */
export interface Welcome {
  title: string;
  /** What this is, in paragraphs. */
  about: readonly string[];
  /** Who each person is, and what they can try, by their ID. */
  people: { readonly [userId: string]: Introduction };
}

/** A person, as a newcomer who plays them. */
export interface Introduction {
  who: string;
  tries: readonly Try[];
}

/** Something to try. */
export interface Try {
  title: string;
  why: string;
  /** The command that a button types. */
  command: string;
  /** Where it is typed: a channel's ID. */
  channel: string;
}

export interface Channel {
  id: string;
  name: string;
  is_private: boolean;
  is_im: boolean;
  is_archived: boolean;
  /** Shared with another organization (Slack Connect). */
  is_ext_shared?: boolean;
  /** Shared with other workspaces of the same organization. */
  is_org_shared?: boolean;
  /** The other workspaces that it is shared with. */
  connected_team_ids?: string[];
  /** In a direct message: the person. */
  user?: string;
  members: string[];
  /** Unix seconds. */
  created: number;
}

export interface Block extends Fields {
  type: string;
  block_id: string;
}

export interface Metadata {
  event_type: string;
  event_payload: Fields;
}

export interface FileRecord {
  id: string;
  /** Unix seconds. */
  created: number;
  name: string;
  title: string;
  mimetype: string;
  filetype: string;
  user: string;
  size: number;
  url_private: string;
  url_private_download: string;
  permalink: string;
  /** Ids of the channels in which it was shared. */
  channels: string[];
  /** The messages that it was shared with, by channel. */
  shares?: { public: { [channelId: string]: { ts: string }[] } };
  /** Unix milliseconds at which Slack has processed it; absent: immediately. */
  processed_at?: number;
  /** What the app is shown instead of what is stored, such as the mode of a file that isn't in Slack. */
  shown?: Fields;
}

/** People who can be mentioned together. */
export interface UserGroup {
  id: string;
  /** What is typed after the @. */
  handle: string;
  name: string;
  /** Their IDs. */
  users: string[];
  /** Unix seconds of the last change to its members. */
  updated: number;
}

/** What an app shows of a link, below the message. */
export interface Unfurl extends Fields {
  id: number;
  from_url: string;
  app_unfurl_url: string;
  is_app_unfurl: true;
  app_id: string;
  bot_id: string;
  blocks?: Block[];
  title?: string;
  text?: string;
}

export interface Message {
  type: 'message';
  subtype?: string;
  /** Seconds and microseconds. Together with the channel, identifies the message. */
  ts: string;
  channel: string;
  user: string;
  bot_id?: string;
  app_id?: string;
  text: string;
  blocks?: Block[];
  thread_ts?: string;
  reply_broadcast?: boolean;
  metadata?: Metadata;
  files?: FileRecord[];
  /** Links that the app has unfurled. */
  attachments?: Unfurl[];
  edited?: { user: string; ts: string };
  /** The only person who sees it. Such a message isn't in the channel's history. */
  ephemeral_to?: string;
}

export interface TextObject {
  type: 'plain_text' | 'mrkdwn';
  text: string;
  emoji?: boolean;
}

/** `state.values` of a view or message, by block_id, then action_id. */
export type StateValues = { [blockId: string]: { [actionId: string]: Fields } };

export interface View {
  id: string;
  team_id: string;
  type: 'modal' | 'home';
  title?: TextObject;
  submit?: TextObject | null;
  close?: TextObject | null;
  blocks: Block[];
  private_metadata: string;
  callback_id: string;
  external_id: string;
  state: { values: StateValues };
  hash: string;
  clear_on_close: boolean;
  notify_on_close: boolean;
  submit_disabled?: boolean;
  root_view_id: string;
  previous_view_id: string | null;
  app_id: string;
  app_installed_team_id: string;
  bot_id: string;
}

export interface Option {
  text: TextObject;
  value: string;
  description?: TextObject;
}

/**
 * What a person entered in one element: text, a selected value or ID, several of them, or options as the app offered
 * them.
 */
export type Entry = string | number | null | Option | (string | Option)[];

/** What a person entered, by block_id, then action_id. */
export type Entries = { [blockId: string]: { [actionId: string]: Entry } };

/** Where a click happens. */
export type Target = { kind: 'message'; channel: string; ts: string } | { kind: 'view'; id: string } | { kind: 'home' };

export interface SlashCommand {
  command: string;
  description: string;
  usage_hint: string;
  /** As in the app's manifest: `@name` and `#channel` become mentions, `&`, `<` and `>` are escaped. */
  should_escape?: boolean;
}

/** A shortcut in the app's manifest: in a message's menu or, if global, beside the slash commands. */
export interface Shortcut {
  name: string;
  type: 'global' | 'message';
  callback_id: string;
  description: string;
}

/** Where the app is installed, as seen from a workspace. */
export interface AppStatus {
  /** The ID of the workspace or the organization; null if it isn't installed. */
  installed_in: string | null;
  /** For the whole organization. */
  is_enterprise: boolean;
  /** Where it can be installed; null if the app has no such page. */
  install_url: string | null;
}

/** What the test panel shows. */
export interface BenchStatus {
  faults: WaitingFault[];
  /** The app's token was revoked. */
  revoked: boolean;
  /** Slack's rate limits apply. */
  rate_limits: boolean;
  /** Slack's limits for reading messages apply that it has for apps outside its Marketplace. */
  history_limits: boolean;
  /** How far the product's clock is ahead of the machine's, in milliseconds; negative when behind. */
  ahead_ms: number;
  /** Whether the clock can be moved and everything reset. */
  has_clock: boolean;
  /** What is taking time. */
  busy: string | null;
  /** Why messages can't be saved, in a sentence; null while they can. */
  storage_fault: string | null;
  /** Where the app is installed, for one that people install; null for one that has its token in the settings. */
  app: AppStatus | null;
}

/** One change. `to`: the only person who sees it. */
export type Change =
  | { kind: 'message'; channel: string; message: Message; to?: string }
  | { kind: 'message_deleted'; channel: string; ts: string; to?: string }
  | { kind: 'channel'; channel: Channel }
  | { kind: 'views'; to: string; views: View[] }
  | { kind: 'home'; to: string; view: View }
  | { kind: 'notice'; to: string; text: string }
  | { kind: 'person'; person: Person }
  | { kind: 'user_group'; group: UserGroup }
  | { kind: 'bench'; bench: BenchStatus }
  | { kind: 'reset' }
  | { kind: 'delivery' };

/** What the page gets when it connects. */
export interface Snapshot {
  team: Team;
  /** All workspaces on the server, this one among them. */
  teams: Team[];
  me: Person;
  bot: Person;
  people: Person[];
  user_groups: UserGroup[];
  channels: Channel[];
  messages: Message[];
  views: View[];
  home: View | null;
  commands: SlashCommand[];
  shortcuts: Shortcut[];
  bench: BenchStatus;
  /** Absent if the workspace has none. */
  welcome?: Omit<Welcome, 'people'> & Introduction;
}
