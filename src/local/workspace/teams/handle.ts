import type { Core } from '../core.ts';
import type { Ack, Delivery } from '../events/dispatch.ts';
import { changePerson, changeUserGroup, joinTeam, type PersonChange, setDeactivated } from '../events/people.ts';
import type { Bench } from '../faults/bench.ts';
import type { Faults } from '../faults/faults.ts';
import { PersonDriver } from '../person.ts';
import type { SocketHub } from '../socket/hub.ts';
import type { WorkspaceState } from '../state.ts';
import type { FileRecord, Person } from '../types.ts';
import { waitFor } from '../waiting.ts';
import { verifyApp } from './verify-app.ts';

/** A workspace on a server, as tests and local mode use it. */
export interface LocalWorkspace {
  /** The server's address, without a trailing slash. */
  url: string;
  /** Where the page shows this workspace. */
  pageUrl: string;
  /** For `clientOptions.slackApiUrl`. */
  apiUrl: string;
  /** Sends requests to the app at this address from now on, from every workspace. */
  connectApp(url: string): void;
  /** Asks the app for a url_verification challenge. @throws Error when it does not answer with it */
  verifyApp(): Promise<void>;
  /** A simulated person, for tests. */
  as(userId: string): PersonDriver;
  /** Replaces the members of a user group and notifies the app. @throws SlackRefusal no_such_subteam, user_not_found */
  setUserGroupMembers(groupId: string, userIds: readonly string[]): Promise<Ack | null>;
  /** Deactivates or reactivates a person and notifies the app. @throws SlackRefusal user_not_found */
  setDeactivated(userId: string, isDeactivated: boolean): Promise<Ack | null>;
  /** Changes something else about a person and notifies the app. @throws SlackRefusal user_not_found */
  changePerson(userId: string, change: PersonChange): Promise<Ack | null>;
  /** A person joins, who may be a guest or deactivated, and the app is notified. @throws SlackRefusal user_already_team_member */
  join(person: Person): Promise<Ack | null>;
  /** The workspace's whole state, for assertions. */
  state: WorkspaceState;
  faults: Faults;
  /** The test panel's settings. */
  bench: Bench;
  /** Socket Mode connections. */
  sockets: SocketHub;
  /** The last requests sent to the app, from all workspaces, the oldest first. */
  deliveries: readonly Delivery[];
  /** Sends a request again, with Slack's retry headers. */
  redeliver(delivery: Delivery): Promise<Ack>;
  /** The bytes of a file. */
  fileBytes(file: FileRecord | string): Promise<Buffer | undefined>;
  /** Resolves with the result of `look` as soon as it is truthy, checked now and after every change. */
  waitFor<T>(look: (state: WorkspaceState) => T | Promise<T>, timeoutMs?: number): Promise<NonNullable<T>>;
  /** Restores the seed's state. Every page starts over. */
  reset(): Promise<void>;
  /** Stops the server, with all its workspaces. */
  stop(): Promise<void>;
}

/** @param connect sends requests to the app at an address @param stop stops the server */
export function handleOf(core: Core, connect: (url: string) => void, stop: () => Promise<void>): LocalWorkspace {
  const drivers = new Map<string, PersonDriver>();
  return {
    url: core.url,
    pageUrl: `${core.url}/?team=${core.state.team.id}`,
    apiUrl: `${core.url}/api/`,
    state: core.state,
    faults: core.faults,
    bench: core.bench,
    sockets: core.sockets,
    reset: async () => {
      core.offered.clear();
      await core.bytes.clear();
      core.state.reset();
    },
    deliveries: core.link.deliveries,
    connectApp: connect,
    verifyApp: () => verifyApp(core),
    as: (userId) => {
      const driver = drivers.get(userId) ?? new PersonDriver(core, userId);
      drivers.set(userId, driver);
      return driver;
    },
    setUserGroupMembers: (groupId, userIds) => changeUserGroup(core, groupId, userIds),
    setDeactivated: (userId, isDeactivated) => setDeactivated(core, userId, isDeactivated),
    changePerson: (userId, change) => changePerson(core, userId, change),
    join: (person) => joinTeam(core, person),
    redeliver: (delivery) => core.link.again(delivery),
    fileBytes: (file) => core.bytes.get(typeof file === 'string' ? file : file.id),
    waitFor: (look, timeoutMs = 5_000) =>
      waitFor(
        core.state,
        () => look(core.state),
        timeoutMs,
        () => `The app got ${core.link.deliveries.length} requests.`,
      ),
    stop,
  };
}
