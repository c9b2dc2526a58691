import type { Core } from '../core.ts';
import type { Change, Message, Snapshot } from '../types.ts';
import { jsonReply, type Reply, type WebRequest } from './server.ts';

const HEARTBEAT_MS = 20_000;
const SHOWN_MESSAGES = 300;

/** Server-sent events for one window: a snapshot of what its person may see, then each change. */
export function stream(core: Core, request: WebRequest): Reply {
  const userId = request.query.get('as') ?? firstPerson(core);
  if (userId === undefined || !core.state.people.has(userId))
    return jsonReply({ ok: false, error: 'user_not_found' }, 404);
  const { response } = request;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (type: string, data: unknown) => response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  send('snapshot', snapshot(core, userId));
  const unsubscribe = core.state.onChange((change) => {
    if (change.kind === 'reset') send('reset', snapshot(core, userId));
    else if (concerns(core, userId, change)) send('change', change);
  });
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  heartbeat.unref();
  response.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
  });
  return 'stream';
}

function snapshot(core: Core, userId: string): Snapshot {
  const { state } = core;
  // created now, so that everyone finds their direct message with the bot
  state.directMessage(userId);
  const channels = state.visibleTo(userId);
  const mine = state.ephemerals.filter((message) => message.ephemeral_to === userId);
  const me = state.people.get(userId) ?? state.bot;
  return {
    team: state.team,
    teams: [...core.host.teams.values()].map((team) => team.state.team),
    me,
    bot: state.bot,
    people: [...state.people.values()],
    user_groups: [...state.userGroups.values()],
    channels,
    messages: [...channels.flatMap((channel) => state.history(channel.id).slice(-SHOWN_MESSAGES)), ...mine].sort(
      byTime,
    ),
    views: state.views(userId),
    home: state.homes.get(userId) ?? null,
    commands: state.commands,
    shortcuts: core.shortcuts,
    bench: core.bench.status(),
    ...welcomeFor(core, userId),
  };
}

function welcomeFor({ state }: Core, userId: string): Pick<Snapshot, 'welcome'> {
  const { welcome } = state;
  const introduction = welcome?.people[userId];
  return welcome && introduction ? { welcome: { title: welcome.title, about: welcome.about, ...introduction } } : {};
}

function concerns(core: Core, userId: string, change: Change): boolean {
  if (change.kind === 'delivery') return false;
  if ('to' in change && change.to !== undefined) return change.to === userId;
  if (change.kind === 'user_group' || change.kind === 'bench' || change.kind === 'person') return true;
  const channelId = change.kind === 'channel' ? change.channel.id : 'channel' in change ? change.channel : undefined;
  return core.state.visibleTo(userId).some((channel) => channel.id === channelId);
}

function byTime(a: Message, b: Message): number {
  return a.ts < b.ts ? -1 : 1;
}

function firstPerson(core: Core): string | undefined {
  return [...core.state.people.values()].find((person) => person.is_bot !== true)?.id;
}
