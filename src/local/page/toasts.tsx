import { useEffect } from 'preact/hooks';
import { useDesk } from './desk.ts';

const SHOWN_MS = 6_000;

/** Errors, shown briefly, and a notice for as long as the workspace can't be reached. */
export function Toasts({ onGone, connected }: { onGone: (id: number) => void; connected: boolean }) {
  const { world } = useDesk();
  return (
    <div class="toasts" role="status">
      {!connected && <p class="toast">The workspace isn’t running. This page reconnects automatically.</p>}
      {world.notices.map(({ id, text }) => (
        <Toast key={id} text={text} onGone={() => onGone(id)} />
      ))}
    </div>
  );
}

function Toast({ text, onGone }: { text: string; onGone: () => void }) {
  useEffect(() => {
    const timer = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p class="toast">
      <span>{text}</span>
      <button type="button" class="bare" onClick={onGone} aria-label="Dismiss">
        ×
      </button>
    </p>
  );
}
