import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { Core, Host } from '../core.ts';
import { appRoutes } from '../http/app-routes.ts';
import { benchRoutes } from '../http/bench-routes.ts';
import { pageRoutes } from '../http/page-routes.ts';
import { serve } from '../http/server.ts';
import { authorizeRoutes } from '../oauth/authorize.ts';
import { readSaved, Saving } from '../saving.ts';

export interface Starting {
  readonly host: Host;
  readonly port: number;
  readonly log: ((words: string, cause: unknown) => void) | undefined;
  /** Where each workspace is kept between runs, by its ID. */
  readonly stateFiles: ReadonlyMap<string, string>;
}

/**
 * Starts the server on 127.0.0.1. @returns a function that stops it
 * @throws Error when the port is taken, or when a state file can't be read
 */
export async function startServer({ host, port, log, stateFiles }: Starting): Promise<() => Promise<void>> {
  if (process.env.NODE_ENV === 'production')
    throw new Error('The local workspace doesn’t start with NODE_ENV=production');
  const onFault = (error: unknown) => log?.('the local workspace failed', error);
  const cores = [...host.teams.values()];
  const kept = await Promise.all(
    cores.map(async (core) => {
      const stateFile = stateFiles.get(core.state.team.id);
      return { core, stateFile, saved: stateFile === undefined ? undefined : await readSaved(stateFile) };
    }),
  );
  const routes = [...appRoutes(host), ...authorizeRoutes(host), ...benchRoutes(host), ...pageRoutes(host)];
  const server = serve(routes, onFault);
  server.on('upgrade', (request, socket) => host.sockets.upgrade(request, socket));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  host.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const { core, stateFile, saved } of kept) {
    if (saved) core.state.restore(saved, host.url);
    if (stateFile === undefined) continue;
    core.saving = new Saving(core.state, stateFile, (error) => tellOutcome(core, stateFile, error, onFault));
  }
  return async () => {
    for (const core of cores) {
      for (const timer of core.retries) clearTimeout(timer);
      core.link.stop();
    }
    host.sockets.stop();
    server.close();
    server.closeAllConnections();
    for (const core of cores) await core.saving?.stop();
  };
}

/** Shows on the page whether messages can be saved, and logs a failure once. */
function tellOutcome(core: Core, stateFile: string, error: unknown, onFault: (error: unknown) => void): void {
  if (error === undefined) {
    core.bench.setStorageFault(null);
    return;
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : code;
  const words = `Messages can't be saved (${why}). Check the disk space and permissions of ${dirname(stateFile)}.`;
  if (core.bench.setStorageFault(words)) onFault(error);
}
