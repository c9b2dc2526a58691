/** Routes each command: answered here, in a transaction, on a cursor, or by the engine. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binary } from 'bson';
import type { Pool, PoolClient } from 'pg';
import { Connections } from './connections.ts';
import { Cursors } from './cursors.ts';
import { duplicateKeyError } from './duplicate-key.ts';
import { asMongoError, isThrownConflict, MongoError } from './errors.ts';
import { OWN_ANSWERS, type ServerState } from './replica-set.ts';
import { answerOnce } from './retries.ts';
import { type Call, SIMPLE_COMMANDS } from './sql.ts';
import { Transactions } from './transactions.ts';
import { encodeBson, type Fields, type Reply } from './wire.ts';
import { findAndModify, isWrite, statementsOf, write } from './writes.ts';

type Handler = (command: Fields) => Promise<Reply>;

/** How often a write outside a transaction is retried before its conflict is reported. */
const CONFLICT_TRIES = 50;
/** The commands after which a name can mean another collection. */
const DROPS = new Set(['drop', 'dropDatabase', 'renameCollection']);
const SESSION_FIELDS = new Set([
  '$db',
  'lsid',
  'txnNumber',
  'startTransaction',
  'autocommit',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

export class Commands {
  readonly #connections: Connections;
  readonly #server: ServerState;
  readonly #transactions: Transactions;
  readonly #cursors: Cursors;
  readonly #sessionCommands: Readonly<Record<string, Handler>> = {
    committransaction: (command) => this.#commit(command),
    aborttransaction: (command) => this.#abort(command),
    endsessions: (command) => this.#endSessions(command.endSessions as Fields[]),
    killsessions: (command) => this.#endSessions(command.killSessions as Fields[]),
    killcursors: (command) => this.#killCursors(command.cursors as unknown[]),
  };

  constructor(pool: Pool, server: ServerState, transactionLifetimeMs: number) {
    this.#connections = new Connections(pool);
    this.#server = server;
    this.#transactions = new Transactions(this.#connections, transactionLifetimeMs);
    this.#cursors = new Cursors(pool);
  }

  /**
   * Answers one command.
   * @throws {MongoError} any failure, as MongoDB would report it
   */
  async run(command: Fields): Promise<Reply> {
    const name = Object.keys(command)[0] ?? '';
    try {
      const own = OWN_ANSWERS[name.toLowerCase()];
      if (own) return own(this.#server);
      const session = this.#sessionCommands[name.toLowerCase()];
      if (session) return await session(command);
      if (command.autocommit === false) return await this.#inTransaction(name, command);
      return await this.#outsideTransaction(name, command);
    } catch (error) {
      throw duplicateKeyError(error) ?? asMongoError(error);
    }
  }

  async #commit(command: Fields): Promise<Reply> {
    await this.#transactions.commit(sessionOf(command), String(command.txnNumber));
    return { ok: 1 };
  }

  async #abort(command: Fields): Promise<Reply> {
    await this.#transactions.abort(sessionOf(command));
    return { ok: 1 };
  }

  async #endSessions(sessions: Fields[]): Promise<Reply> {
    for (const lsid of sessions) await this.#transactions.rollBack(sessionOf({ lsid }));
    return { ok: 1 };
  }

  async #killCursors(ids: unknown[]): Promise<Reply> {
    for (const id of ids) await this.#cursors.drop(String(id));
    return { cursorsKilled: ids, cursorsNotFound: [], cursorsAlive: [], cursorsUnknown: [], ok: 1 };
  }

  async #inTransaction(name: string, command: Fields): Promise<Reply> {
    const session = sessionOf(command);
    const number = String(command.txnNumber);
    if (command.startTransaction === true) await this.#transactions.begin(session, number);
    const client = this.#transactions.clientOf(session, number);
    try {
      const reply = await this.#execute(client, name, command);
      // as MongoDB: a failed write ends its transaction
      if (!Buffer.isBuffer(reply) && reply.writeErrors) await this.#transactions.rollBack(session);
      return reply;
    } catch (error) {
      await this.#transactions.rollBack(session);
      throw error;
    }
  }

  /** MongoDB resolves conflicts outside transactions itself, so the command is retried. */
  async #outsideTransaction(name: string, command: Fields): Promise<Reply> {
    const client = await this.#connections.take();
    try {
      for (let tries = 1; ; tries++) {
        try {
          const reply = await this.#attempt(client, name, command);
          if (DROPS.has(name)) this.#connections.noteDrop();
          return reply;
        } catch (error) {
          if (!isThrownConflict(error) || tries === CONFLICT_TRIES) throw error;
          await sleep(Math.random() * 5 * tries);
        }
      }
    } finally {
      client.release();
    }
  }

  /** A batch gets its own transaction, so that a retry starts from nothing. */
  async #attempt(client: PoolClient, name: string, command: Fields): Promise<Reply> {
    if (statementsOf(command).length < 2) return this.#execute(client, name, command);
    const retryId = retryIdOf(command);
    const write = () => this.#execute(client, name, command);
    await client.query('BEGIN');
    try {
      const reply = retryId === null ? await write() : await answerOnce(client, retryId, write);
      await client.query('COMMIT');
      return reply;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  }

  async #execute(client: PoolClient, name: string, command: Fields): Promise<Reply> {
    const limit = Number(command.maxTimeMS ?? 0);
    if (!(limit > 0)) return this.#dispatch(client, name, command);
    await client.query(`SET statement_timeout = ${Math.ceil(limit)}`);
    try {
      return await this.#dispatch(client, name, command);
    } finally {
      // in a failed transaction this fails too, and the rollback restores the setting
      await client.query('RESET statement_timeout').catch(() => {});
    }
  }

  async #dispatch(client: PoolClient, name: string, command: Fields): Promise<Reply> {
    const spec = withoutSession(command);
    const database = String(command.$db ?? 'admin');
    if (name === 'getMore') return this.#cursors.next(client, String(command.getMore), database, spec);
    const inTransaction = command.autocommit === false;
    const call: Call = {
      client,
      database,
      name,
      spec,
      body: encodeBson(spec),
      retryId: retryIdOf(command),
      inTransaction,
    };
    if (isWrite(name)) return write(call);
    if (name.toLowerCase() === 'findandmodify') return findAndModify(call);
    if (Cursors.opensOne(name)) return this.#cursors.open(call);
    const simple = SIMPLE_COMMANDS[name];
    if (!simple) throw new MongoError(59, 'CommandNotFound', `no such command: '${name}'`);
    return simple(call);
  }
}

function withoutSession(command: Fields): Fields {
  return Object.fromEntries(Object.entries(command).filter(([field]) => !SESSION_FIELDS.has(field)));
}

function sessionOf(command: Fields): string {
  const { id } = command.lsid as { id: Binary };
  return Buffer.from(id.buffer).toString('hex');
}

/** The ID of a retryable write, which may be sent again: the engine applies each ID once. */
function retryIdOf(command: Fields): string | null {
  if (command.txnNumber === undefined || command.autocommit !== undefined) return null;
  return `${sessionOf(command)}:${command.txnNumber}`;
}
