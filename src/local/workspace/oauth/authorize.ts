import { createHash } from 'node:crypto';
import type { Host, OAuthSettings } from '../core.ts';
import { argumentsOf, jsonReply, type Reply, type Route, type WebRequest } from '../http/server.ts';
import { textOf } from '../json.ts';
import type { Fields, Person } from '../types.ts';
import { type Choice, consentPage, refusedPage, STYLE } from './consent-page.ts';

/** What the app asks for, in the address that it leads people to. */
interface Asked {
  readonly scopes: readonly string[];
  readonly state: string | undefined;
  /** As the app named it. */
  readonly redirectUri: string | undefined;
  /** Where people are led back to. */
  readonly backTo: string;
  /** The workspace that is selected at first. */
  readonly team: string | undefined;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** The page on which people allow that the app is installed, and its two answers. */
export function authorizeRoutes(host: Host): Route[] {
  return [
    { method: 'GET', path: /^\/oauth\/v2\/authorize$/, handle: ({ query }) => shown(host, Object.fromEntries(query)) },
    { method: 'POST', path: /^\/oauth\/v2\/authorize$/, handle: (request) => answered(host, request) },
  ];
}

function shown(host: Host, args: Fields): Reply {
  const asked = askedIn(host.oauth, args);
  if (typeof asked === 'string') return page(refusedPage(asked), 400);
  const fields = Object.entries(args).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const body = consentPage({
    ...{ fields, scopes: asked.scopes, choices: choices(host), selected: asked.team },
    appName: [...host.teams.values()][0]?.state.bot.real_name ?? 'The app',
  });
  return page(body, 200, new URL(asked.backTo).origin);
}

async function answered(host: Host, request: WebRequest): Promise<Reply> {
  const { origin, host: name } = request.headers;
  if (origin !== undefined && origin !== `http://${name}`) return jsonReply({ ok: false, error: 'wrong_origin' }, 403);
  const args = await argumentsOf(request);
  const asked = askedIn(host.oauth, args);
  if (typeof asked === 'string') return page(refusedPage(asked), 400);
  const back = new URL(asked.backTo);
  if (asked.state !== undefined) back.searchParams.set('state', asked.state);
  if (args.answer === 'allow') {
    const choice = choices(host).find(({ value }) => value === args.choice);
    if (!choice) return page(refusedPage('invalid_team_for_user'), 400);
    const { id, isEnterprise, by } = choice;
    const { scopes, redirectUri } = asked;
    back.searchParams.set('code', host.codes.issue({ id, isEnterprise, by, scopes, redirectUri }));
  } else {
    back.searchParams.set('error', 'access_denied');
  }
  return { status: 302, headers: { location: back.href } };
}

/** @returns what is asked, or Slack's word for what is wrong with it */
function askedIn(oauth: OAuthSettings | undefined, args: Fields): Asked | string {
  if (!oauth || textOf(args, 'client_id') !== oauth.clientId) return 'invalid_client_id';
  const scopes = (textOf(args, 'scope') ?? '').split(/[\s,]+/).filter(Boolean);
  if (scopes.length === 0) return 'no_scopes';
  if (oauth.scopes && scopes.some((scope) => !oauth.scopes?.includes(scope))) return 'invalid_scope';
  const redirectUri = textOf(args, 'redirect_uri');
  const allowed = oauth.redirectUris();
  const backTo = redirectUri ?? allowed[0];
  if (backTo === undefined || !allowed.some((uri) => isBelow(backTo, uri))) return 'bad_redirect_uri';
  return { scopes, redirectUri, backTo, state: textOf(args, 'state'), team: textOf(args, 'team') };
}

/** Slack accepts the app's addresses, and what follows them. */
function isBelow(uri: string, allowed: string): boolean {
  if (!URL.canParse(uri)) return false;
  const [given, known] = [new URL(uri), new URL(allowed)];
  return (
    given.origin === known.origin &&
    (given.pathname === known.pathname || given.pathname.startsWith(`${known.pathname}/`))
  );
}

/** Where the app can be installed, and by whom. */
function choices(host: Host): Choice[] {
  const teams = [...host.teams.values()].flatMap(({ state }) =>
    installersIn([...state.people.values()]).map((person) => choiceOf(state.team, false, person)),
  );
  const organizations = [...host.organizations.values()].flatMap((organization) => {
    const members = [...host.teams.values()].filter(({ state }) => state.team.enterprise_id === organization.id);
    const owners = members.flatMap(({ state }) => [...state.people.values()].filter(({ is_owner }) => is_owner));
    const unique = owners.filter((one, index) => owners.findIndex(({ id }) => id === one.id) === index);
    return unique.map((person) => choiceOf(organization, true, person));
  });
  return [...teams, ...organizations];
}

function choiceOf(place: { id: string; name: string }, isEnterprise: boolean, person: Person): Choice {
  const where = isEnterprise ? `${place.name} (the whole organization)` : place.name;
  const words = `${where}, as ${person.real_name}`;
  return { id: place.id, isEnterprise, by: person.id, value: `${place.id}/${person.id}`, words };
}

/** Guests, apps and people from other organizations can't install apps. */
function installersIn(people: readonly Person[]): Person[] {
  return people.filter(
    (one) =>
      one.is_bot !== true && one.deleted !== true && !one.is_restricted && !one.is_ultra_restricted && !one.is_stranger,
  );
}

/** @param leadsTo the origin that the form may lead to: browsers check redirects of forms, too */
function page(body: string, status: number, leadsTo = ''): Reply {
  const policy = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self' ${leadsTo}; base-uri 'none'; frame-ancestors 'none'`;
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    body,
  };
}
