import type { Channel, Person } from '../workspace/types.ts';
import { Avatar } from './avatar.tsx';
import { formatDate } from './blocks/dates.ts';
import { useDesk } from './desk.ts';
import { Icon } from './icons.tsx';
import { TeamSwitch } from './teams/team-switch.tsx';
import { nowIn } from './world.ts';

/** How far the product's clock may differ from the machine's before the page shows it. */
const NOTABLE_MS = 60_000;

interface Props {
  open: string;
  home: string;
  welcome: string;
  onPerson: (id: string) => void;
  onTeam: (id: string) => void;
  isBenchOpen: boolean;
  onBench: () => void;
}

/** Left: the workspace, the current person, channels, the direct message with the app, and the app itself. */
export function Sidebar({ open, home, welcome, onPerson, onTeam, isBenchOpen, onBench }: Props) {
  const { world } = useDesk();
  const rooms = world.channels.filter((channel) => !channel.is_im);
  const direct = world.channels.find((channel) => channel.is_im && channel.user === world.me.id);
  const item = (id: string, sign: string, label: string, channel?: Channel) => (
    <SidebarItem key={id} id={id} sign={sign} label={label} isOpen={open === id} {...(channel && { channel })} />
  );
  return (
    <nav class="sidebar" aria-label="Workspace">
      <header class="sidebar-head">
        <span class="sidebar-mark" aria-hidden="true">
          {world.team.name.slice(0, 1)}
        </span>
        <div>
          <h1>{world.team.name}</h1>
          <p>local workspace</p>
        </div>
      </header>
      <TeamSwitch onTeam={onTeam} />
      <PersonSwitch onPerson={onPerson} />
      {world.welcome && <ul>{item(welcome, '✦', 'Welcome')}</ul>}
      <h2>Channels</h2>
      <ul>{rooms.map((channel) => item(channel.id, channel.is_private ? '🔒' : '#', channel.name, channel))}</ul>
      <h2>App</h2>
      <ul>
        {item(home, '⌂', 'Home')}
        {direct && item(direct.id, '✉', 'Messages', direct)}
      </ul>
      <BenchButton isOpen={isBenchOpen} onClick={onBench} />
    </nav>
  );
}

/** Opens the test panel, and shows which of its settings differ from the default. */
function BenchButton({ isOpen, onClick }: { isOpen: boolean; onClick: () => void }) {
  const { world } = useDesk();
  const { bench, me } = world;
  const isMoved = Math.abs(bench.ahead_ms) > NOTABLE_MS;
  const clock = { zone: me.tz ?? 'Etc/UTC', now: nowIn(world) };
  const unusual = [
    isMoved && `Clock: ${formatDate(clock.now.getTime() / 1000, '{date_short}', clock)}`,
    bench.faults.length > 0 && `Faults: ${bench.faults.length}`,
    bench.revoked && 'Token revoked',
    bench.app?.installed_in === null && 'App not installed',
    bench.rate_limits && 'Rate limits',
    bench.history_limits && 'Reading limited',
  ].filter(Boolean);
  return (
    <div class="bench-opener">
      {bench.busy !== null && (
        <p class="bench-busy" role="status">
          {bench.busy}
        </p>
      )}
      {bench.storage_fault !== null && (
        <p class="bench-busy" role="alert">
          ⚠ {bench.storage_fault}
        </p>
      )}
      <button type="button" class="sidebar-item" aria-expanded={isOpen} onClick={onClick}>
        <span class="sidebar-sign" aria-hidden="true">
          ⚙
        </span>
        <span>
          Clock and faults
          {unusual.length > 0 && <small>{unusual.join(' · ')}</small>}
        </span>
      </button>
    </div>
  );
}

function PersonSwitch({ onPerson }: { onPerson: (id: string) => void }) {
  const { world } = useDesk();
  const people = world.people.filter((person) => !person.is_bot);
  const another = people.find((person) => person.id !== world.me.id);
  return (
    <div class="person-switch">
      <Avatar person={world.me} />
      <label>
        <span class="person-role">{world.me.title ?? 'Acting as'}</span>
        <b aria-hidden="true">{world.me.real_name}</b>
        <select value={world.me.id} onChange={(event) => onPerson(event.currentTarget.value)} aria-label="Act as">
          {people.map((person) => (
            <option key={person.id} value={person.id}>
              {[person.real_name, person.title, kindOf(person)].filter(Boolean).join(' · ')}
            </option>
          ))}
        </select>
      </label>
      <a
        class="new-window"
        href={`/?${new URLSearchParams({ team: world.team.id, as: another?.id ?? world.me.id })}`}
        target="_blank"
        rel="noreferrer"
        title="Open a second window as another person"
      >
        <Icon name="window" />
        <span class="unseen">Open a second window as another person</span>
      </a>
    </div>
  );
}

/** What sets a person apart from a full member. */
function kindOf(person: Person): string | undefined {
  if (person.deleted) return 'deactivated';
  if (person.is_stranger) return 'from another organization';
  return person.is_restricted || person.is_ultra_restricted ? 'guest' : undefined;
}

interface ItemProps {
  id: string;
  sign: string;
  label: string;
  isOpen: boolean;
  channel?: Channel;
}

function SidebarItem({ id, sign, label, isOpen, channel }: ItemProps) {
  const { world, openChannel } = useDesk();
  const unread = world.unread[id] ?? 0;
  const outside = channel !== undefined && !channel.members.includes(world.me.id);
  return (
    <li>
      <button
        type="button"
        class={`sidebar-item${isOpen ? ' is-open' : ''}${unread > 0 ? ' is-unread' : ''}${outside ? ' is-outside' : ''}`}
        aria-current={isOpen ? 'page' : undefined}
        onClick={() => openChannel(id)}
      >
        <span class="sidebar-sign" aria-hidden="true">
          {sign}
        </span>
        <span>{label}</span>
        {unread > 0 && (
          <span class="badge">
            {unread}
            <span class="unseen"> unread</span>
          </span>
        )}
      </button>
    </li>
  );
}
