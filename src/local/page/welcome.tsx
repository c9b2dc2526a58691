import type { Try } from '../workspace/types.ts';
import { useDesk } from './desk.ts';

/** The first screen: what this is, who one is here, and what to try. */
export function WelcomePane() {
  const { world } = useDesk();
  const { welcome, me, bench } = world;
  if (!welcome) return null;
  return (
    <main class="pane">
      <header class="pane-head">
        <h2>{welcome.title}</h2>
      </header>
      <div class="pane-body welcome">
        {welcome.about.map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
        <h3>You are {me.real_name}</h3>
        <p>{welcome.who}</p>
        <h3>Three things to try</h3>
        {bench.busy !== null && (
          <p class="welcome-busy">The sample data is still being created. The buttons work as soon as it’s ready.</p>
        )}
        <ol>
          {welcome.tries.map((one) => (
            <TryItem key={one.command} one={one} isReady={bench.busy === null} />
          ))}
        </ol>
        <p class="welcome-end">
          To see the same data as another person, choose one at the top left. To see everything a person can do, type{' '}
          <code>/billing help</code> in a channel.
        </p>
      </div>
    </main>
  );
}

function TryItem({ one, isReady }: { one: Try; isReady: boolean }) {
  const { act, openChannel } = useDesk();
  const run = () => {
    openChannel(one.channel);
    void act('command', { channel: one.channel, text: one.command });
  };
  return (
    <li>
      <b>{one.title}</b>
      <p>{one.why}</p>
      <button type="button" class="button" disabled={!isReady} onClick={run}>
        {one.command}
      </button>
    </li>
  );
}
