import { setTimeout as wait } from 'node:timers/promises';
import type { HomeView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { refusalOf } from './api-errors.ts';

/** The interval between two updates of a person's Home. */
const APART_MS = 1_000;
/** As many people as may be looking at the same time. */
const MAX_PEOPLE = 5_000;

interface Person {
  /** The hash of the view that Slack shows, as far as this process knows. */
  hash: string | undefined;
  /** By the process's own clock. */
  nextAt: number;
  /** What to publish next, once it is time. */
  next: { make: () => Promise<HomeView>; readonly done: Promise<void> } | undefined;
}

/**
 * Publishes each person's Home at most once a second. Of several requests meanwhile the last one counts, and all
 * callers get it. The view's hash keeps an older view from replacing a newer one that another process has published.
 */
export class HomePublisher {
  private readonly client: WebClient;
  private readonly clock: { now(): number; wait(milliseconds: number): Promise<unknown> };
  private readonly people = new Map<string, Person>();

  constructor(client: WebClient, clock = { now: () => performance.now(), wait: (ms: number) => wait(ms) }) {
    this.client = client;
    this.clock = clock;
  }

  /** @returns when this view, or a later one, is shown @throws what creating or publishing it throws */
  publish(userId: string, make: () => Promise<HomeView>): Promise<void> {
    const person = this.personOf(userId);
    if (person.next) {
      person.next.make = make;
      return person.next.done;
    }
    const next = { make, done: Promise.resolve() };
    next.done = this.inTurn(userId, person, next);
    person.next = next;
    return next.done;
  }

  private async inTurn(userId: string, person: Person, next: { make: () => Promise<HomeView> }): Promise<void> {
    const waitMs = person.nextAt - this.clock.now();
    if (waitMs > 0) await this.clock.wait(waitMs);
    // the microtask lets the caller be recorded first
    await Promise.resolve();
    person.next = undefined;
    person.nextAt = this.clock.now() + APART_MS;
    const { hash } = person;
    try {
      person.hash = await this.show(userId, await next.make(), hash);
    } catch (error) {
      if (refusalOf(error) !== 'hash_conflict') throw error;
      // rebuilt, so that it includes what the other process has published
      person.hash = await this.show(userId, await next.make(), undefined);
    }
  }

  private async show(userId: string, view: HomeView, hash: string | undefined): Promise<string | undefined> {
    const answer = await this.client.views.publish({ user_id: userId, view, ...(hash !== undefined && { hash }) });
    return answer.view?.hash;
  }

  private personOf(userId: string): Person {
    const person = this.people.get(userId) ?? { hash: undefined, nextAt: Number.NEGATIVE_INFINITY, next: undefined };
    // moved to the end, so that the first was updated the longest ago
    this.people.delete(userId);
    this.people.set(userId, person);
    const [oldest] = this.people.keys();
    if (this.people.size > MAX_PEOPLE && oldest !== undefined) this.people.delete(oldest);
    return person;
  }
}

const publishers = new WeakMap<WebClient, HomePublisher>();

/** A client's publisher, shared so that everything published through it keeps the same pace. */
export function homePublisherOf(client: WebClient): HomePublisher {
  const publisher = publishers.get(client) ?? new HomePublisher(client);
  publishers.set(client, publisher);
  return publisher;
}
