import { useEffect, useState } from 'preact/hooks';
import { objectOf, textOf } from '../workspace/json.ts';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks/blocks.tsx';
import { PlaceContext, useDesk } from './desk.ts';
import { useEntries } from './entries.ts';

/** The app's Home tab as published for this person. */
export function HomePane() {
  const { world, act, notice } = useDesk();
  const { home, me } = world;
  const place = useEntries({ kind: 'home' }, home?.id ?? '');
  const [isAsking, setAsking] = useState(true);
  useEffect(() => {
    setAsking(true);
    void act('home', {}).then((answer) => {
      setAsking(false);
      const error = textOf(objectOf(answer, 'ack'), 'error');
      if (error !== undefined) notice(`${world.bot.real_name} didn’t respond (${error}).`);
    });
  }, [me.id]);
  return (
    <main class="pane">
      <header class="pane-head">
        <Avatar person={world.bot} />
        <h2>{world.bot.real_name}</h2>
        <span class="tag">App</span>
      </header>
      <div class="pane-body home" aria-busy={isAsking && !home}>
        {home ? (
          <PlaceContext.Provider value={place}>
            <Blocks blocks={home.blocks} />
          </PlaceContext.Provider>
        ) : (
          <p class="empty">{isAsking ? 'Loading …' : 'The app hasn’t published its Home tab for you yet.'}</p>
        )}
      </div>
    </main>
  );
}
