import { createHash } from 'node:crypto';
import * as store from '../../store/kit/keyed-requests.ts';
import type { Ctx } from './context.ts';

/** How long a key stands for its request. */
const KEPT_MS = 86_400_000;

/** Thrown when a key was used for another request. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';
}

/** Makes a change; the second time, returns what it returned the first time. Its result is JSON. */
export type Once = <T>(change: () => Promise<T>) => Promise<T>;

/** A request that has the same effect and answer however often its client sends it within 24 hours. */
export interface KeyedRequest {
  /** The answer, as JSON, if it was answered before. @throws {KeyReused} */
  answer(): Promise<string | undefined>;
  /**
   * Makes its change together with its key, in one transaction, so that a killed process leaves both or neither.
   *
   * @throws {KeyReused}; what the change throws, and then the key is free
   */
  readonly once: Once;
  /** Keeps its answer, as JSON. @returns the first that was kept */
  keep(answer: string): Promise<string>;
}

/** @param client whose keys these are @param request everything that it asks for */
export function keyedRequest(
  { clock }: Pick<Ctx, 'clock'>,
  { client, key, request }: { readonly client: string; readonly key: string; readonly request: string },
): KeyedRequest {
  const of = { id: hashOf(JSON.stringify([client, key])), request: hashOf(request) };
  const since = () => new Date(clock.now().getTime() - KEPT_MS);
  const same = (known: store.KeyedRequest) => {
    if (known.request !== of.request) throw new KeyReused('This key was used for another request');
    return known;
  };
  return {
    async answer() {
      const known = await store.keyedRequest(of.id, since());
      return known ? same(known).answer : undefined;
    },
    async once(change) {
      const made = await store.changeOnce({ ...of, at: clock.now(), since: since() }, async () =>
        JSON.stringify((await change()) ?? null),
      );
      return JSON.parse(same(made).result);
    },
    keep: (answer) => store.keepAnswer(of.id, answer),
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
