import { useDesk } from '../desk.ts';

/** Chooses among the workspaces, if there are several. */
export function TeamSwitch({ onTeam }: { onTeam: (id: string) => void }) {
  const { world } = useDesk();
  if (world.teams.length < 2) return null;
  return (
    <fieldset class="team-switch">
      <legend class="unseen">Workspaces</legend>
      {world.teams.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          class={`team-item${id === world.team.id ? ' is-open' : ''}`}
          aria-pressed={id === world.team.id}
          onClick={() => onTeam(id)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
