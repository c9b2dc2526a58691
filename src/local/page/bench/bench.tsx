import { useEffect, useState } from 'preact/hooks';
import { Confirm } from '../blocks/confirm.tsx';
import { useDesk } from '../desk.ts';
import { nowIn } from '../world.ts';
import { BenchFaults } from './bench-faults.tsx';
import { BenchInstall } from './bench-install.tsx';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/**
 * How long after the end of a month it has ended in every zone, including the day that accounts allow for late costs.
 */
const CLOSE_MS = 37 * HOUR_MS;

const RESET = {
  title: { type: 'plain_text', text: 'Reset everything?' },
  text: {
    type: 'plain_text',
    text: 'Everything in this workspace and its database is deleted, and the sample data is created again. The clock goes back to today.',
  },
  confirm: { type: 'plain_text', text: 'Reset' },
  deny: { type: 'plain_text', text: 'Cancel' },
  style: 'danger',
};

/** The panel beside the page: the product's clock, faults, Slack's refusals, and a reset. */
export function BenchPanel({ onClose }: { onClose: () => void }) {
  const { world, turn } = useDesk();
  const { bench } = world;
  return (
    <aside class="bench" aria-label="Clock and faults">
      <header class="pane-head">
        <h2>Clock and faults</h2>
        <button type="button" class="bare modal-x" aria-label="Close the panel" onClick={onClose}>
          ×
        </button>
      </header>
      <div class="bench-body">
        {bench.busy !== null && <p class="bench-busy">{bench.busy}</p>}
        {bench.has_clock && <ClockSection />}
        <BenchFaults />
        <BenchInstall />
        <section>
          <h3>Slack refuses</h3>
          <Toggle
            label="The app’s token is revoked"
            isOn={bench.revoked}
            onTurn={(revoked) => turn('token', { revoked })}
          />
          <Toggle
            label="Apply Slack’s rate limits"
            isOn={bench.rate_limits}
            onTurn={(on) => turn('rate-limits', { on })}
          />
          <Toggle
            label="Limit reading to 15 messages a minute"
            isOn={bench.history_limits}
            onTurn={(on) => turn('history-limits', { on })}
          />
          {world.channels
            .filter((channel) => !channel.is_im)
            .map(({ id, name, is_archived }) => (
              <Toggle
                key={id}
                label={`#${name} is archived`}
                isOn={is_archived}
                onTurn={(archived) => turn('archive', { channel: id, archived })}
              />
            ))}
        </section>
        {bench.has_clock && <ResetSection />}
      </div>
    </aside>
  );
}

function Toggle({ label, isOn, onTurn }: { label: string; isOn: boolean; onTurn: (isOn: boolean) => unknown }) {
  return (
    <label class="choice">
      <input type="checkbox" checked={isOn} onChange={(event) => onTurn(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

function ClockSection() {
  const { world, turn } = useDesk();
  const [isMoving, setMoving] = useState(false);
  const [wanted, setWanted] = useState('');
  useEverySecond();
  const now = nowIn(world);
  const isBusy = isMoving || world.bench.busy !== null;
  const move = async (to: Date) => {
    setMoving(true);
    await turn('clock', { to: to.toISOString() });
    setMoving(false);
  };
  const later = (label: string, to: Date) => (
    <button type="button" class="button" disabled={isBusy} onClick={() => void move(to)}>
      {label}
    </button>
  );
  return (
    <section>
      <h3>App clock</h3>
      <p class="bench-clock">
        <time dateTime={now.toISOString()}>{shown(now)}</time> <small>UTC</small>
      </p>
      <div class="block-actions">
        {later('+1 hour', new Date(now.getTime() + HOUR_MS))}
        {later('+1 day', new Date(now.getTime() + DAY_MS))}
        {later('Go to the month’s close', afterMonth(now))}
      </div>
      <form
        class="bench-row"
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted !== '') void move(new Date(`${wanted}:00Z`));
        }}
      >
        <input
          class="field"
          type="datetime-local"
          aria-label="Set the clock forward to (UTC)"
          value={wanted}
          min={now.toISOString().slice(0, 16)}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <button type="submit" class={`button${isMoving ? ' is-waiting' : ''}`} disabled={isBusy || wanted === ''}>
          Set
        </button>
      </form>
      <p class="hint">
        The clock only goes forward. Everything scheduled until then happens at once: months close, reminders are sent.
      </p>
    </section>
  );
}

function ResetSection() {
  const { world, turn } = useDesk();
  const [isAsked, setAsked] = useState(false);
  return (
    <section>
      <h3>Sample data</h3>
      <button
        type="button"
        class="button is-danger"
        disabled={world.bench.busy !== null}
        onClick={() => setAsked(true)}
      >
        Reset
      </button>
      {isAsked && (
        <Confirm
          confirm={RESET}
          onNo={() => setAsked(false)}
          onYes={() => {
            setAsked(false);
            void turn('reset', {});
          }}
        />
      )}
    </section>
  );
}

function useEverySecond(): void {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
}

function afterMonth(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) + CLOSE_MS);
}

function shown(at: Date): string {
  const style = { dateStyle: 'full', timeStyle: 'medium', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', style).format(at);
}
