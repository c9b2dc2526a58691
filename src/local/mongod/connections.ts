import type { Pool, PoolClient } from 'pg';

/**
 * The engine's connections. One that was open while a collection was dropped can go on knowing it, and then doesn't find
 * what others write to a new one of the same name. So it is replaced before it is used again.
 */
export class Connections {
  readonly #pool: Pool;
  readonly #madeAfter = new WeakMap<PoolClient, number>();
  #drops = 0;

  constructor(pool: Pool) {
    this.#pool = pool;
    pool.on('connect', (client) => this.#madeAfter.set(client, this.#drops));
  }

  /** A connection that knows no dropped collection. The caller releases it. */
  async take(): Promise<PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      if ((this.#madeAfter.get(client) ?? 0) === this.#drops) return client;
      client.release(true);
    }
  }

  /** A collection was dropped. */
  noteDrop(): void {
    this.#drops += 1;
  }
}
