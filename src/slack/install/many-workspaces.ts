import type { RequestListener } from 'node:http';
import { webApi } from '@slack/bolt';
import type { Clock } from '../../billing/period/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { SecretBox } from '../../platform/secret-box.ts';
import type { InstallSettings } from '../../platform/settings.ts';
import { InstallStateKeeper } from '../../services/workspaces/install-states.ts';
import { resealInstallations, saveInstallation } from '../../services/workspaces/installations.ts';
import { TokenRotation } from '../../services/workspaces/token-rotation.ts';
import { endRevoked, SilentEnds } from '../../services/workspaces/uninstall.ts';
import { boltLogger } from '../app/bolt-logger.ts';
import type { Workspaces } from '../app/workspaces.ts';
import { installRoutes } from './install-routes.ts';
import { installedWorkspaces } from './installed-workspaces.ts';
import { installProviders, refreshWith, tokenStateOf } from './oauth.ts';

export interface ManyWorkspacesOptions {
  readonly install: InstallSettings;
  readonly log: Logger;
  /** The real time, by which tokens expire. */
  readonly clock: Clock;
  readonly clientOptions: webApi.WebClientOptions;
  readonly slackApiUrl: string | undefined;
  readonly installed: Installed;
}

/** Told that a person has installed the app in a workspace; not for a whole organization. Never throws. */
export type Installed = (workspace: { readonly teamId: string; readonly userId: string }) => void;

/** Everything that an app needs to be installed in many workspaces. */
export interface ManyWorkspaces {
  readonly workspaces: Workspaces;
  /** The pages for people who install the app, by path. */
  readonly routes: ReadonlyMap<string, RequestListener>;
  /** Resolves when no token is being refreshed, and Slack isn't being asked about any. */
  idle(): Promise<void>;
}

export function manyWorkspaces({
  install,
  log,
  clock,
  clientOptions,
  slackApiUrl,
  installed,
}: ManyWorkspacesOptions): ManyWorkspaces {
  const box = new SecretBox(install.secretKeys);
  const refresh = refreshWith(new webApi.WebClient(undefined, clientOptions), install, () => clock.now());
  const stateOf = (botToken: string) => tokenStateOf(new webApi.WebClient(botToken, clientOptions));
  const uninstalling = { box, clock, log, stateOf };
  const ends = new SilentEnds(uninstalling);
  const rotation = new TokenRotation({ box, clock, log, refresh, refused: (id) => ends.suspect(id, true) });
  const providers = installProviders({
    ...{ ...install, clientOptions, slackApiUrl, logger: boltLogger(log) },
    states: new InstallStateKeeper(install.stateSecret, clock),
    save: async (given) => void (await saveInstallation({ box, clock }, given)),
  });
  const workspaces = installedWorkspaces({ rotation, clientOptions, suspect: (id) => ends.suspect(id) });
  return {
    workspaces: {
      ...workspaces,
      revoked: async (revocation) => void (await endRevoked(uninstalling, revocation)),
      // older keys can be removed from the settings once this has run
      async check() {
        const resealed = await resealInstallations(box);
        return resealed === 0 ? {} : { resealed: String(resealed) };
      },
    },
    routes: installRoutes({
      ...{ providers, log },
      installed({ team, user, isEnterpriseInstall }) {
        if (team && !isEnterpriseInstall) installed({ teamId: team.id, userId: user.id });
      },
    }),
    async idle() {
      await rotation.idle();
      await ends.idle();
    },
  };
}
