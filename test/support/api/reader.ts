import type { Answer } from './api.ts';

type Row = Readonly<Record<string, unknown>>;

/** Lists that are read again from `read_at`, and the keys of their items. */
const LISTS = { payments: 'payment_id', 'credit-memos': 'credit_memo_id', moves: 'request_id' } as const;

/** A BI tool as docs/bi.md describes it: what it has, and when it read each list last. */
export class Reader {
  private readonly stored = new Map<string, Map<unknown, Row>>();
  private readonly readAt = new Map<string, string>();
  private lastEvent = 0;
  private readonly get: (path: string) => Promise<Answer>;

  constructor(get: (path: string) => Promise<Answer>) {
    this.get = get;
  }

  /** Reads what has changed since the last time, the first time everything, page by page. */
  async read(size: number): Promise<void> {
    await this.pages('invoices', size, (body) => this.keep('invoices', 'invoice_id', body.invoices));
    await this.pages('invoice-lines', size, (body) => {
      const lines = this.of('lines');
      const begun = new Set(body.invoice_ids as string[]);
      for (const [id, line] of lines) if (begun.has(String(line.invoice_id))) lines.delete(id);
      this.keep('lines', 'line_id', body.lines);
    });
    for (const [list, key] of Object.entries(LISTS)) {
      await this.pages(list, size, (body) => this.keep(list, key, body[list.replace('-', '_')]));
    }
    await this.readEvents(size);
  }

  /** How many items of a list it has. */
  count(list: string): number {
    return this.of(list).size;
  }

  /** Everything it has, list by list, each in the order of its keys. Not when invoices changed: tests set that back. */
  has(): Readonly<Record<string, readonly Row[]>> {
    const sorted = (rows: ReadonlyMap<unknown, Row>) =>
      [...rows].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)).map(([, { update_time: _, ...row }]) => row);
    return Object.fromEntries([...this.stored].map(([list, rows]) => [list, sorted(rows)]));
  }

  private of(list: string): Map<unknown, Row> {
    const rows = this.stored.get(list) ?? new Map<unknown, Row>();
    this.stored.set(list, rows);
    return rows;
  }

  private keep(list: string, key: string, rows: unknown): void {
    for (const row of rows as readonly Row[]) this.of(list).set(row[key], row);
  }

  private async pages(list: string, size: number, take: (body: Answer['body']) => void): Promise<void> {
    const since = this.readAt.get(list);
    const query = `limit=${size}${since === undefined ? '' : `&updated_since=${encodeURIComponent(since)}`}`;
    let cursor: unknown = '';
    while (cursor !== null) {
      const body = await this.body(`/${list}?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      take(body);
      this.readAt.set(list, String(body.read_at));
      cursor = body.next_cursor;
    }
  }

  private async readEvents(size: number): Promise<void> {
    for (;;) {
      const { events } = await this.body(`/events?limit=${size}&after=${this.lastEvent}`);
      const found = events as readonly { readonly log_entry_id: number }[];
      this.keep('events', 'log_entry_id', found);
      if (found.length === 0) return;
      this.lastEvent = found.at(-1)?.log_entry_id ?? this.lastEvent;
    }
  }

  private async body(path: string): Promise<Answer['body']> {
    const { status, body } = await this.get(path);
    if (status !== 200) throw new Error(`GET ${path}: ${status}`);
    return body;
  }
}
