import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type CodedError, ErrorCode, type Installation, type InstallProvider } from '@slack/oauth';
import type { Logger } from '../../platform/logger.ts';
import { INSTALL_OPTIONS, StateMissing } from './oauth.ts';
import { failedPage, installedPage, sendPage } from './pages.ts';

export const INSTALL_PATH = '/slack/install';
export const REDIRECT_PATH = '/slack/oauth_redirect';

/** Errors of a browser that didn't begin this installation, or began it too long ago. */
const STATE_ERRORS: readonly string[] = [
  ErrorCode.InvalidStateError,
  ErrorCode.MissingStateError,
  ErrorCode.MissingCodeError,
];

export interface InstallRoutesOptions {
  readonly providers: { readonly asked: InstallProvider; readonly unasked: InstallProvider };
  readonly log: Logger;
  /** Called after an installation was stored. Never throws. */
  readonly installed: (installation: Installation) => void;
}

/**
 * The pages for people who install the app, by path: one that leads to Slack, and one that Slack leads back to. They
 * come from browsers, so they have no signature or timestamp.
 */
export function installRoutes(options: InstallRoutesOptions): ReadonlyMap<string, RequestListener> {
  return new Map([
    [INSTALL_PATH, only(INSTALL_PATH, options, begin)],
    [REDIRECT_PATH, only(REDIRECT_PATH, options, complete)],
  ]);
}

type Handler = (options: InstallRoutesOptions, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Answers GET requests for exactly this path. */
function only(path: string, options: InstallRoutesOptions, handle: Handler): RequestListener {
  return (request, response) => {
    request.resume();
    if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== path) {
      response.writeHead(404).end();
      return;
    }
    handle(options, request, response).catch((error: unknown) => {
      options.log.error({ err: error }, 'an installation failed');
      if (!response.headersSent) sendPage(response, failedPage('failed'));
    });
  };
}

async function begin({ providers }: InstallRoutesOptions, request: IncomingMessage, response: ServerResponse) {
  response.setHeader('cache-control', 'no-store');
  await providers.asked.handleInstallPath(request, response, undefined, INSTALL_OPTIONS);
}

async function complete(
  { providers, log, installed }: InstallRoutesOptions,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const provider = searchParams.has('state') ? providers.asked : providers.unasked;
  await provider.handleCallback(request, response, {
    success(installation) {
      const { team, enterprise } = installation;
      log.info(
        { team: team?.id, enterprise: enterprise?.id, installer: installation.user.id },
        'the app was installed',
      );
      sendPage(response, installedPage(installation));
      installed(installation);
    },
    failure(error) {
      const reason = reasonOf(error, searchParams);
      log.warn({ reason, err: error }, 'the app was not installed');
      sendPage(response, failedPage(reason));
    },
  });
}

function reasonOf(error: CodedError, searchParams: URLSearchParams): Parameters<typeof failedPage>[0] {
  if (searchParams.get('error') === 'access_denied') return 'cancelled';
  return error instanceof StateMissing || STATE_ERRORS.includes(error.code) ? 'state' : 'failed';
}
