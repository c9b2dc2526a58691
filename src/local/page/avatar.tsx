import type { Person } from '../workspace/types.ts';

const TINTS = 6;

/** A person's initials on their own color. */
export function Avatar({ person }: { person: Person }) {
  const initials = person.real_name
    .split(/\s+/)
    .map((word) => word.slice(0, 1))
    .slice(0, 2)
    .join('');
  const tint = [...person.id].reduce((sum, sign) => sum + sign.charCodeAt(0), 0) % TINTS;
  return (
    <span class={`avatar ${person.is_bot ? 'avatar-bot' : `tint-${tint}`}`} aria-hidden="true">
      {initials.toUpperCase()}
    </span>
  );
}
