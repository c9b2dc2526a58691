import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Fields, Snapshot } from '../workspace/types.ts';
import { BenchPanel } from './bench/bench.tsx';
import { ChannelPane } from './channel.tsx';
import { type Desk, DeskContext } from './desk.ts';
import { HomePane } from './home.tsx';
import { ModalLayer } from './modal.tsx';
import { forgetSeen, markSeen, seenBy } from './seen.ts';
import { act, listen, ServerError, turn } from './server.ts';
import { Sidebar } from './sidebar.tsx';
import { Toasts } from './toasts.tsx';
import { WelcomePane } from './welcome.tsx';
import { applyChange, lastOf, read, type Who, type World, whoIn, withNotice, withoutNotice, worldOf } from './world.ts';

/** Stands in the address for the app's Home tab instead of a channel ID. */
const HOME = 'home';
/** The same for the first screen. */
const WELCOME = 'welcome';

export function App() {
  const [who, setWho] = useState(whoAtFirst);
  const [wanted, setWanted] = useState(openAtFirst);
  const [world, setWorld] = useState<World>();
  const [connected, setConnected] = useState(true);
  const open = world ? placeIn(world, wanted) : '';
  const openNow = useRef(open);
  openNow.current = open;

  useEffect(
    () =>
      listen(
        who,
        (snapshot, isReset) => {
          if (isReset) forgetSeen();
          const [now, isSame] = [whoIn(snapshot), (before: World) => isSamePerson(snapshot, before)];
          setWorld((before) =>
            worldOf(snapshot, before && isSame(before) && !isReset ? before : undefined, seenBy(now)),
          );
        },
        (change) => setWorld((before) => before && applyChange(before, change, openNow.current)),
        setConnected,
      ),
    [who.team, who.as],
  );

  const notice = useCallback((text: string) => setWorld((before) => before && withNotice(before, text)), []);
  const openChannel = useCallback((id: string) => {
    setWanted(id);
    setWorld((before) => before && read(before, id));
  }, []);
  const [me, team] = [world?.me.id, world?.team.id];
  useEffect(() => remember(open, world), [me, team, open, world?.team.name]);
  const newest = world ? lastOf(world, open) : undefined;
  useEffect(() => {
    if (me === undefined || team === undefined || newest === undefined) return;
    markSeen({ team, as: me }, open, newest);
    setWorld((before) => before && read(before, open));
  }, [me, team, open, newest]);
  const [isBenchOpen, setBenchOpen] = useState(() => new URLSearchParams(location.search).has('bench'));

  const desk = useMemo<Desk | undefined>(
    () =>
      world && {
        world,
        notice,
        openChannel,
        act: (name, body) => trying(act(name, { ...body, ...whoIn(world) }), notice),
        turn: (name, body) => trying(turn(name, { ...body, ...whoIn(world) }), notice),
      },
    [world, notice, openChannel],
  );
  if (!desk || !world) return <main class="waiting">Connecting to the workspace …</main>;
  return (
    <DeskContext.Provider value={desk}>
      <div class={`window${isBenchOpen ? ' has-bench' : ''}`}>
        <Sidebar
          open={open}
          home={HOME}
          welcome={WELCOME}
          onPerson={(as) => setWho({ team: world.team.id, as })}
          onTeam={(next) => setWho({ team: next })}
          isBenchOpen={isBenchOpen}
          onBench={() => setBenchOpen(!isBenchOpen)}
        />
        {paneOf(open, `${team}/${me}`)}
        {isBenchOpen && <BenchPanel onClose={() => setBenchOpen(false)} />}
      </div>
      <ModalLayer />
      <Toasts onGone={(id) => setWorld((before) => before && withoutNotice(before, id))} connected={connected} />
    </DeskContext.Provider>
  );
}

/** @param key changes with the person, so that nothing of the one before remains */
function paneOf(open: string, key: string) {
  if (open === WELCOME) return <WelcomePane />;
  return open === HOME ? <HomePane /> : <ChannelPane key={`${key}/${open}`} channelId={open} />;
}

async function trying(call: Promise<Fields>, notice: (text: string) => void): Promise<Fields | undefined> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    notice(error.message);
    return undefined;
  }
}

/** The workspace and the person in the address. */
function whoAtFirst(): Partial<Who> {
  const query = new URLSearchParams(location.search);
  const [, inPath] = /^\/(?:team|links)\/([^/]+)/.exec(location.pathname) ?? [];
  const [team, as] = [query.get('team') ?? inPath, query.get('as')];
  return { ...(team !== undefined && { team }), ...(as !== null && { as }) };
}

function isSamePerson(snapshot: Snapshot, before: World): boolean {
  return before.me.id === snapshot.me.id && before.team.id === snapshot.team.id;
}

/** The channel in the address, including a message permalink's. The app's own links lead to its Home tab. */
function openAtFirst(): string | null {
  if (location.pathname.startsWith('/links/')) return HOME;
  const [, channel] = /\/archives\/([^/]+)/.exec(location.pathname) ?? [];
  return channel ?? new URLSearchParams(location.search).get('in');
}

/** What to show: the place in the address if the person can see it, otherwise the welcome or their first channel. */
function placeIn(world: World, wanted: string | null): string {
  if (world.welcome && (wanted === null || wanted === WELCOME)) return WELCOME;
  if (wanted === HOME || world.channels.some((channel) => channel.id === wanted)) return wanted ?? HOME;
  return world.channels.find((channel) => !channel.is_im && channel.members.includes(world.me.id))?.id ?? HOME;
}

/** Keeps the person and place in the address, so that a window can be reopened or duplicated. */
function remember(open: string, world: World | undefined): void {
  if (!world) return;
  const team = world.teams.length > 1 ? { team: world.team.id } : {};
  history.replaceState(null, '', `/?${new URLSearchParams({ ...team, as: world.me.id, in: open })}${location.hash}`);
  const channel = world.channels.find((it) => it.id === open);
  const name = open === WELCOME ? 'Welcome' : channel && !channel.is_im ? `#${channel.name}` : world.bot.real_name;
  document.title = `${name} · ${world.me.real_name} · ${world.team.name}`;
}
