import { setTimeout as wait } from 'node:timers/promises';
import type { HomeView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { refusalOf } from './api-errors.ts';

/** Between two times that a person's Home is published. */
const APART_MS = 1_000;
/** As many people are remembered as may look at the same time. */
const MAX_PEOPLE = 5_000;

interface Person {
  /** Of the view that Slack shows, as far as this process knows. */
  hash: string | undefined;
  /** By the process's own clock. */
  nextAt: number;
  /** What is to be published next, once it is time. */
  next: { make: () => Promise<HomeView>; readonly done: Promise<void> } | undefined;
}

/**
 * Publishes each person's Home at most once a second. Of what is asked for meanwhile the last counts, and anyone who asked
 * gets it. The view's hash keeps an older one from taking the place of a newer one that another process has published.
 */
export class HomePublisher {
  private readonly client: WebClient;
  private readonly clock: { now(): number; wait(milliseconds: number): Promise<unknown> };
  private readonly people = new Map<string, Person>();

  constructor(client: WebClient, clock = { now: () => performance.now(), wait: (ms: number) => wait(ms) }) {
    this.client = client;
    this.clock = clock;
  }

  /** @returns when this view, or a later one, is shown @throws what making or publishing it throws */
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
    // the microtask lets anyone who asked for it be noted first
    await Promise.resolve();
    person.next = undefined;
    person.nextAt = this.clock.now() + APART_MS;
    const { hash } = person;
    try {
      person.hash = await this.show(userId, await next.make(), hash);
    } catch (error) {
      if (refusalOf(error) !== 'hash_conflict') throw error;
      // made again: it shows what is true after what the other has published
      person.hash = await this.show(userId, await next.make(), undefined);
    }
  }

  private async show(userId: string, view: HomeView, hash: string | undefined): Promise<string | undefined> {
    const answer = await this.client.views.publish({ user_id: userId, view, ...(hash !== undefined && { hash }) });
    return answer.view?.hash;
  }

  private personOf(userId: string): Person {
    const person = this.people.get(userId) ?? { hash: undefined, nextAt: Number.NEGATIVE_INFINITY, next: undefined };
    // behind all others, so that the first is the one who was shown something longest ago
    this.people.delete(userId);
    this.people.set(userId, person);
    const [oldest] = this.people.keys();
    if (this.people.size > MAX_PEOPLE && oldest !== undefined) this.people.delete(oldest);
    return person;
  }
}

const publishers = new WeakMap<WebClient, HomePublisher>();

/** The one of a client, so that everything that publishes through it keeps to the same pace. */
export function homePublisherOf(client: WebClient): HomePublisher {
  const publisher = publishers.get(client) ?? new HomePublisher(client);
  publishers.set(client, publisher);
  return publisher;
}
