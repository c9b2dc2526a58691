/**
 * Multi-document transactions. Each is a PostgreSQL transaction with snapshot isolation on its own connection,
 * kept by the driver's session ID until it commits, rolls back, or times out.
 */
import type { PoolClient } from 'pg';
import type { Connections } from './connections.ts';
import { noSuchTransaction } from './errors.ts';

interface Transaction {
  readonly client: PoolClient;
  readonly number: string;
  readonly timer: NodeJS.Timeout;
}

/**
 * MongoDB reports a conflict as soon as a transaction meets another's write. PostgreSQL waits for the other to end.
 * A short wait avoids most retries; a longer one is reported as a conflict.
 */
const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = '250ms'`;
/** How many sessions' last commits are remembered, in case a commit is sent again. */
const REMEMBERED_COMMITS = 10_000;

export class Transactions {
  readonly #connections: Connections;
  readonly #lifetimeMs: number;
  readonly #open = new Map<string, Transaction>();
  readonly #committed = new Map<string, string>();

  /** @param lifetimeMs a transaction open for longer, in milliseconds, is rolled back */
  constructor(connections: Connections, lifetimeMs: number) {
    this.#connections = connections;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Opens a transaction. One that the session left open is rolled back first. */
  async begin(session: string, number: string): Promise<void> {
    await this.rollBack(session);
    const client = await this.#connections.take();
    try {
      await client.query(BEGIN);
    } catch (error) {
      client.release(true);
      throw error;
    }
    const timer = setTimeout(() => void this.rollBack(session), this.#lifetimeMs);
    timer.unref();
    this.#open.set(session, { client, number, timer });
  }

  /**
   * The connection of the session's open transaction.
   * @throws {MongoError} NoSuchTransaction when it isn't open, or no longer open
   */
  clientOf(session: string, number: string): PoolClient {
    const transaction = this.#open.get(session);
    if (transaction?.number === number) return transaction.client;
    throw noSuchTransaction('Given transaction number does not match any in-progress transactions.');
  }

  /**
   * Commits. A commit that is sent again because its answer was lost succeeds again.
   * @throws {MongoError} NoSuchTransaction when it isn't open and wasn't committed
   */
  async commit(session: string, number: string): Promise<void> {
    const transaction = this.#open.get(session);
    if (transaction?.number !== number) {
      if (this.#committed.get(session) === number) return;
      throw noSuchTransaction('Transaction has been aborted or was never started');
    }
    this.#forget(session, transaction);
    try {
      await transaction.client.query('COMMIT');
    } catch (error) {
      transaction.client.release(true);
      throw error;
    }
    transaction.client.release();
    this.#remember(session, number);
  }

  /** @throws {MongoError} NoSuchTransaction when the session has none open */
  async abort(session: string): Promise<void> {
    if (!this.#open.has(session)) throw noSuchTransaction('Transaction is not in progress');
    await this.rollBack(session);
  }

  /** Rolls back the session's open transaction, if any. */
  async rollBack(session: string): Promise<void> {
    const transaction = this.#open.get(session);
    if (!transaction) return;
    this.#forget(session, transaction);
    await transaction.client.query('ROLLBACK').then(
      () => transaction.client.release(),
      () => transaction.client.release(true),
    );
  }

  #forget(session: string, transaction: Transaction): void {
    this.#open.delete(session);
    clearTimeout(transaction.timer);
  }

  #remember(session: string, number: string): void {
    this.#committed.delete(session);
    this.#committed.set(session, number);
    if (this.#committed.size <= REMEMBERED_COMMITS) return;
    const [oldest] = this.#committed.keys();
    if (oldest !== undefined) this.#committed.delete(oldest);
  }
}
