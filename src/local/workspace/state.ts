import type { Ids } from './ids.ts';
import type {
  Change,
  Channel,
  FileRecord,
  Message,
  Person,
  SlashCommand,
  Team,
  UserGroup,
  View,
  Welcome,
} from './types.ts';

/** The app's own ids, the same in every workspace, so that a seed can name the bot as a member. */
export const BOT_USER_ID = 'U0LOCALBOT';
export const BOT_ID = 'B0LOCALBOT';
export const APP_ID = 'A0LOCALAPP';
export const SLACKBOT_ID = 'USLACKBOT';

export interface Seed {
  team: Team;
  users: Person[];
  channels: {
    id: string;
    name: string;
    members: string[];
    is_private?: boolean;
    is_archived?: boolean;
    is_ext_shared?: boolean;
    is_org_shared?: boolean;
    connected_team_ids?: string[];
  }[];
  userGroups?: { id: string; handle: string; name: string; users: readonly string[] }[];
  /** The page's first screen; without it, the page starts with a channel. */
  welcome?: Welcome;
}

/** What is saved between runs. */
export interface Saved {
  channels: Channel[];
  messages: Message[];
  files: FileRecord[];
}

/** The workspace's whole state. All changes go through its methods, so that listeners are notified of each. */
export class WorkspaceState {
  readonly team: Team;
  readonly bot: Person;
  readonly people = new Map<string, Person>();
  readonly userGroups = new Map<string, UserGroup>();
  readonly channels = new Map<string, Channel>();
  readonly messages = new Map<string, Message[]>();
  /** Ephemeral messages, lost with the process as Slack's are lost with the client. */
  ephemerals: Message[] = [];
  readonly stacks = new Map<string, View[]>();
  readonly homes = new Map<string, View>();
  readonly files = new Map<string, FileRecord>();
  readonly notices: { to: string; text: string }[] = [];
  readonly commands: SlashCommand[];
  readonly welcome: Welcome | undefined;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly ids: Ids;
  readonly #now: () => Date;
  readonly #seed: Seed;

  constructor(seed: Seed, given: { botName: string; commands: SlashCommand[]; now: () => Date; ids: Ids }) {
    const { botName, commands, now, ids } = given;
    this.#seed = seed;
    this.team = seed.team;
    this.welcome = seed.welcome;
    this.commands = commands;
    this.#now = now;
    this.ids = ids;
    this.bot = { id: BOT_USER_ID, name: botName, real_name: botName, is_bot: true };
    this.#plant();
  }

  /** Restores the seed's state: there are no messages, and the time may be earlier than before. */
  reset(): void {
    for (const kept of [this.channels, this.messages, this.stacks, this.homes, this.files]) kept.clear();
    this.userGroups.clear();
    this.people.clear();
    this.ephemerals = [];
    this.notices.length = 0;
    this.ids.reset();
    this.#plant();
    this.changed({ kind: 'reset' });
  }

  now(): Date {
    return this.#now();
  }

  seconds(): number {
    return Math.floor(this.#now().getTime() / 1000);
  }

  nextTs(): string {
    return this.ids.nextTs();
  }

  /** @returns a function that stops listening */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** Channels the person is a member of, and public ones. Guests and people from other organizations see only theirs. */
  visibleTo(userId: string): Channel[] {
    const person = this.people.get(userId);
    const seesPublic = !person?.is_restricted && !person?.is_ultra_restricted && !person?.is_stranger;
    return [...this.channels.values()].filter(
      (it) => it.members.includes(userId) || (seesPublic && !it.is_private && !it.is_im),
    );
  }

  /** The direct message between the bot and this person, created on first use. */
  directMessage(userId: string): Channel {
    const known = [...this.channels.values()].find((channel) => channel.is_im && channel.user === userId);
    if (known) return known;
    const channel: Channel = {
      id: this.ids.make('D'),
      name: 'directmessage',
      is_private: true,
      is_im: true,
      is_archived: false,
      user: userId,
      members: [userId, BOT_USER_ID],
      created: this.seconds(),
    };
    this.putChannel(channel);
    return channel;
  }

  putPerson(person: Person): void {
    this.people.set(person.id, person);
    this.changed({ kind: 'person', person });
  }

  userGroupOf(handle: string): UserGroup | undefined {
    return [...this.userGroups.values()].find((group) => group.handle === handle);
  }

  putUserGroup(group: UserGroup): void {
    this.userGroups.set(group.id, group);
    this.changed({ kind: 'user_group', group });
  }

  putChannel(channel: Channel): void {
    this.channels.set(channel.id, channel);
    this.changed({ kind: 'channel', channel });
  }

  history(channelId: string): Message[] {
    return this.messages.get(channelId) ?? [];
  }

  message(channelId: string, ts: string): Message | undefined {
    return this.history(channelId).find((message) => message.ts === ts);
  }

  ephemeral(channelId: string, ts: string): Message | undefined {
    return this.ephemerals.find((message) => message.channel === channelId && message.ts === ts);
  }

  /** Adds a message, or replaces the one with its timestamp. */
  putMessage(message: Message): Message {
    const list = message.ephemeral_to === undefined ? this.history(message.channel) : this.ephemerals;
    const at = list.findIndex((known) => known.ts === message.ts && known.channel === message.channel);
    if (at < 0) list.push(message);
    else list[at] = message;
    if (message.ephemeral_to === undefined) this.messages.set(message.channel, list);
    this.changed({ kind: 'message', channel: message.channel, message, ...onlyTo(message) });
    return message;
  }

  removeMessage(message: Message): void {
    if (message.ephemeral_to === undefined) {
      this.messages.set(
        message.channel,
        this.history(message.channel).filter((known) => known.ts !== message.ts),
      );
    } else {
      this.ephemerals = this.ephemerals.filter((known) => known !== message);
    }
    this.changed({ kind: 'message_deleted', channel: message.channel, ts: message.ts, ...onlyTo(message) });
  }

  views(userId: string): View[] {
    return this.stacks.get(userId) ?? [];
  }

  putViews(userId: string, views: View[]): void {
    this.stacks.set(userId, views);
    this.changed({ kind: 'views', to: userId, views });
  }

  putHome(userId: string, view: View): void {
    this.homes.set(userId, view);
    this.changed({ kind: 'home', to: userId, view });
  }

  /** Shows one person an error, as Slack's client does beside a button or in a modal. */
  notice(userId: string, text: string): void {
    this.notices.push({ to: userId, text });
    this.changed({ kind: 'notice', to: userId, text });
  }

  #plant(): void {
    this.people.set(BOT_USER_ID, this.bot);
    for (const user of this.#seed.users) this.people.set(user.id, { ...user });
    for (const group of this.#seed.userGroups ?? []) {
      this.userGroups.set(group.id, { ...group, users: [...group.users], updated: this.seconds() });
    }
    for (const channel of this.#seed.channels) {
      this.channels.set(channel.id, {
        ...channel,
        is_private: channel.is_private ?? false,
        is_archived: channel.is_archived ?? false,
        is_im: false,
        created: this.seconds(),
      });
    }
  }

  saved(): Saved {
    return {
      channels: [...this.channels.values()],
      messages: [...this.messages.values()].flat(),
      files: [...this.files.values()],
    };
  }

  /** Restores what an earlier run saved, with addresses starting with `url`. Adds members that are new in the seed. */
  restore(saved: Saved, url: string): void {
    for (const channel of saved.channels) {
      const seeded = this.channels.get(channel.id);
      const members = [...new Set([...channel.members, ...(seeded?.members ?? [])])];
      this.channels.set(channel.id, { ...channel, members });
    }
    for (const message of saved.messages) {
      const files = message.files?.map((file) => servedAt(file, url));
      this.messages.set(message.channel, [...this.history(message.channel), { ...message, ...(files && { files }) }]);
      this.ids.after(message.ts);
    }
    for (const file of saved.files) this.files.set(file.id, servedAt(file, url));
  }
}

function onlyTo(message: Message): { to?: string } {
  return message.ephemeral_to === undefined ? {} : { to: message.ephemeral_to };
}

/** The port may differ from the run that saved the file. */
function servedAt(file: FileRecord, url: string): FileRecord {
  const here = (address: string) => url + new URL(address).pathname;
  return {
    ...file,
    url_private: here(file.url_private),
    url_private_download: here(file.url_private_download),
    permalink: here(file.permalink),
  };
}
