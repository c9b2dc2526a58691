import { useState } from 'preact/hooks';
import { useDesk } from '../desk.ts';

/** Slack promises no order of the two events, and may send one twice. */
const REPORTS = [
  ['Both events', ['tokens_revoked', 'app_uninstalled']],
  ['Both events, the other way round', ['app_uninstalled', 'tokens_revoked']],
  ['Both events twice', ['tokens_revoked', 'app_uninstalled', 'tokens_revoked', 'app_uninstalled']],
  ['Only app_uninstalled', ['app_uninstalled']],
  ['Only tokens_revoked', ['tokens_revoked']],
] as const;

/** Where the app is installed, for one that people install: uninstalls it, and leads to its install page. */
export function BenchInstall() {
  const { world, turn } = useDesk();
  const [report, setReport] = useState(0);
  const { app } = world.bench;
  if (!app) return null;
  const where = app.is_enterprise ? 'the whole organization' : world.team.name;
  return (
    <section>
      <h3>Installation</h3>
      {app.installed_in === null ? (
        <p>The app isn’t installed in {world.team.name}.</p>
      ) : (
        <form
          class="bench-form"
          onSubmit={(event) => {
            event.preventDefault();
            void turn('uninstall', { events: REPORTS[report]?.[1] ?? [] });
          }}
        >
          <p>The app is installed in {where}.</p>
          <select
            class="field"
            aria-label="Events to send"
            value={report}
            onChange={(event) => setReport(Number(event.currentTarget.value))}
          >
            {REPORTS.map(([label], index) => (
              <option key={label} value={index}>
                {label}
              </option>
            ))}
          </select>
          <button type="submit" class="button is-danger">
            Uninstall the app
          </button>
        </form>
      )}
      {app.install_url !== null && (
        <a class="button" href={app.install_url} target="_blank" rel="noreferrer">
          {app.installed_in === null ? 'Install the app' : 'Install the app again'}
        </a>
      )}
    </section>
  );
}
