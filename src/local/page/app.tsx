import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Fields } from '../workspace/types.ts';
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
import { applyChange, lastOf, read, type World, withNotice, withoutNotice, worldOf } from './world.ts';

/** Stands in the address for the app's Home tab instead of a channel ID. */
const HOME = 'home';
/** The same for the first screen. */
const WELCOME = 'welcome';

export function App() {
  const [as, setAs] = useState(() => new URLSearchParams(location.search).get('as'));
  const [wanted, setWanted] = useState(openAtFirst);
  const [world, setWorld] = useState<World>();
  const [connected, setConnected] = useState(true);
  const open = world ? placeIn(world, wanted) : '';
  const openNow = useRef(open);
  openNow.current = open;

  useEffect(
    () =>
      listen(
        as,
        (snapshot, isReset) => {
          if (isReset) forgetSeen();
          const { id } = snapshot.me;
          setWorld((before) => worldOf(snapshot, before?.me.id === id && !isReset ? before : undefined, seenBy(id)));
        },
        (change) => setWorld((before) => before && applyChange(before, change, openNow.current)),
        setConnected,
      ),
    [as],
  );

  const notice = useCallback((text: string) => setWorld((before) => before && withNotice(before, text)), []);
  const openChannel = useCallback((id: string) => {
    setWanted(id);
    setWorld((before) => before && read(before, id));
  }, []);
  const me = world?.me.id;
  useEffect(() => remember(me, open, world), [me, open, world?.team.name]);
  const newest = world ? lastOf(world, open) : undefined;
  useEffect(() => {
    if (me === undefined || newest === undefined) return;
    markSeen(me, open, newest);
    setWorld((before) => before && read(before, open));
  }, [me, open, newest]);
  const [isBenchOpen, setBenchOpen] = useState(() => new URLSearchParams(location.search).has('bench'));

  const desk = useMemo<Desk | undefined>(
    () =>
      world && {
        world,
        notice,
        openChannel,
        act: (name, body) => trying(act(name, { ...body, as: world.me.id }), notice),
        turn: (name, body) => trying(turn(name, { ...body, as: world.me.id }), notice),
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
          onPerson={setAs}
          isBenchOpen={isBenchOpen}
          onBench={() => setBenchOpen(!isBenchOpen)}
        />
        {paneOf(open, me)}
        {isBenchOpen && <BenchPanel onClose={() => setBenchOpen(false)} />}
      </div>
      <ModalLayer />
      <Toasts onGone={(id) => setWorld((before) => before && withoutNotice(before, id))} connected={connected} />
    </DeskContext.Provider>
  );
}

function paneOf(open: string, me: string | undefined) {
  if (open === WELCOME) return <WelcomePane />;
  return open === HOME ? <HomePane /> : <ChannelPane key={`${me}/${open}`} channelId={open} />;
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

/** The channel in the address, including a message permalink's. */
function openAtFirst(): string | null {
  const [, channel] = /^\/archives\/([^/]+)/.exec(location.pathname) ?? [];
  return channel ?? new URLSearchParams(location.search).get('in');
}

/** What to show: the place in the address if the person can see it, otherwise the welcome or their first channel. */
function placeIn(world: World, wanted: string | null): string {
  if (world.welcome && (wanted === null || wanted === WELCOME)) return WELCOME;
  if (wanted === HOME || world.channels.some((channel) => channel.id === wanted)) return wanted ?? HOME;
  return world.channels.find((channel) => !channel.is_im && channel.members.includes(world.me.id))?.id ?? HOME;
}

/** Keeps the person and place in the address, so that a window can be reopened or duplicated. */
function remember(me: string | undefined, open: string, world: World | undefined): void {
  if (me === undefined || !world) return;
  history.replaceState(null, '', `/?${new URLSearchParams({ as: me, in: open })}${location.hash}`);
  const channel = world.channels.find((it) => it.id === open);
  const name = open === WELCOME ? 'Welcome' : channel && !channel.is_im ? `#${channel.name}` : world.bot.real_name;
  document.title = `${name} · ${world.me.real_name} · ${world.team.name}`;
}
