/**
 * Open cursors and their positions. The engine keeps the rest of a result in a file, or resumes the query, so that any
 * connection can continue a cursor.
 */
import type { ClientBase, Pool } from 'pg';
import { MongoError } from './errors.ts';
import { bsonParameter, type Call, firstRow } from './sql.ts';
import { decodeBson, encodeBson, type Fields, type Reply } from './wire.ts';

interface Cursor {
  continuation: unknown;
  readonly timer: NodeJS.Timeout;
}

/** MongoDB's own limit for an idle cursor. */
const LIFETIME_MS = 600_000;
const FIRST_PAGE_FUNCTIONS = new Map([
  ['find', 'find_cursor_first_page'],
  ['aggregate', 'aggregate_cursor_first_page'],
  ['listCollections', 'list_collections_cursor_first_page'],
  ['listIndexes', 'list_indexes_cursor_first_page'],
]);
const NEXT_PAGE = `SELECT cursorpage::bytea AS reply, continuation::bytea AS continuation
  FROM documentdb_api.cursor_get_more($1, ${bsonParameter(2)}, ${bsonParameter(3)})`;

export class Cursors {
  readonly #pool: Pool;
  readonly #open = new Map<string, Cursor>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Whether the command's answer is a cursor. */
  static opensOne(command: string): boolean {
    return FIRST_PAGE_FUNCTIONS.has(command);
  }

  /** The first batch. The rest is kept. */
  async open(call: Call): Promise<Reply> {
    const statement = `SELECT cursorpage::bytea AS reply, continuation::bytea AS continuation, cursorid::text AS id
      FROM documentdb_api.${FIRST_PAGE_FUNCTIONS.get(call.name)}($1, ${bsonParameter(2)})`;
    const page = await firstRow(call.client, statement, call.database, call.body);
    if (page.continuation && page.id !== '0') this.#keep(String(page.id), page.continuation);
    const reply = page.reply as Buffer;
    return call.name === 'listIndexes' ? withoutEngineOptions(reply) : reply;
  }

  /**
   * The next batch.
   * @throws {MongoError} CursorNotFound when it has ended or never existed
   */
  async next(client: ClientBase, id: string, database: string, spec: Fields): Promise<Reply> {
    const cursor = this.#open.get(id);
    if (!cursor) throw new MongoError(43, 'CursorNotFound', `cursor id ${id} not found`);
    const page = await firstRow(client, NEXT_PAGE, database, encodeBson(spec), cursor.continuation);
    if (page.continuation) cursor.continuation = page.continuation;
    else this.#forget(id, cursor);
    return page.reply as Buffer;
  }

  /** Closes a cursor early. */
  async drop(id: string): Promise<void> {
    const cursor = this.#open.get(id);
    if (!cursor) return;
    this.#forget(id, cursor);
    await this.#pool.query('SELECT documentdb_api_internal.delete_cursors(ARRAY[$1::bigint])', [id]);
  }

  #keep(id: string, continuation: unknown): void {
    const timer = setTimeout(() => {
      this.drop(id).catch(() => {}); // leftovers are removed at the next start
    }, LIFETIME_MS);
    timer.unref();
    this.#open.set(id, { continuation, timer });
  }

  #forget(id: string, cursor: Cursor): void {
    this.#open.delete(id);
    clearTimeout(cursor.timer);
  }
}

/** The engine adds its own settings to an index's description, which tools would take for a difference. */
function withoutEngineOptions(reply: Buffer): Fields {
  const { cursor, ...rest } = decodeBson(reply) as { cursor: { firstBatch: Fields[] } };
  const firstBatch = cursor.firstBatch.map(({ storageEngine: _, ...index }) => index);
  return { cursor: { ...cursor, firstBatch }, ...rest };
}
