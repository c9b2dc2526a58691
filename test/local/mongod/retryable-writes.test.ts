import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { testDatabaseUri, useDatabase } from '../../support/database/database.ts';

interface Counter {
  _id: string;
  n: number;
}

/**
 * Passes on everything except the first answer to a request that names the collection, which is lost with its
 * connection.
 */
class LosingProxy {
  readonly #server: Server;
  #isArmed = false;
  /** How often the watched request was seen. */
  requests = 0;

  constructor(port: number, host: string, watched: string) {
    this.#server = createServer((client) => {
      const upstream = connect(port, host);
      let awaited = false;
      client.on('data', (chunk) => {
        if (chunk.includes(watched)) {
          this.requests += 1;
          awaited = true;
        }
        upstream.write(chunk);
      });
      upstream.on('data', (chunk) => {
        if (awaited && this.#isArmed) {
          this.#isArmed = false;
          client.destroy();
          upstream.destroy();
          return;
        }
        client.write(chunk);
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on('error', () => {});
        one.on('close', () => other.destroy());
      }
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  loseNextAnswer(): void {
    this.#isArmed = true;
    this.requests = 0;
  }

  close(): void {
    this.#server.close();
  }
}

const counters = (connection: mongoose.Connection) => connection.collection<Counter>('lossy_counters');

describe('retryable writes', () => {
  let proxy: LosingProxy;
  let lossy: mongoose.Connection;

  useDatabase();

  beforeAll(async () => {
    const { hostname, port, pathname } = new URL(testDatabaseUri().replace(/^mongodb/, 'http'));
    proxy = new LosingProxy(Number(port), hostname, 'lossy_counters');
    const through = await proxy.listen();
    lossy = await mongoose
      .createConnection(`mongodb://127.0.0.1:${through}${pathname}?directConnection=true`)
      .asPromise();
  });

  afterAll(async () => {
    await lossy.close();
    proxy.close();
  });

  it('an update whose answer was lost is sent again and applied once', async () => {
    await counters(mongoose.connection).insertOne({ _id: 'update', n: 0 });
    proxy.loseNextAnswer();
    await counters(lossy).updateOne({ _id: 'update' }, { $inc: { n: 1 } });
    expect(proxy.requests).toBe(2);
    expect(await counters(mongoose.connection).findOne({ _id: 'update' })).toEqual({ _id: 'update', n: 1 });
  });

  it('a findOneAndUpdate whose answer was lost is applied once and returns its document', async () => {
    await counters(mongoose.connection).insertOne({ _id: 'modify', n: 0 });
    proxy.loseNextAnswer();
    const options = { returnDocument: 'after' } as const;
    const changed = await counters(lossy).findOneAndUpdate({ _id: 'modify' }, { $inc: { n: 1 } }, options);
    expect(proxy.requests).toBe(2);
    expect(changed).toEqual({ _id: 'modify', n: 1 });
    expect(await counters(mongoose.connection).findOne({ _id: 'modify' })).toEqual({ _id: 'modify', n: 1 });
  });

  it('an insertMany whose answer was lost is applied once, without a duplicate key', async () => {
    const documents = Array.from({ length: 50 }, (_, n) => ({ _id: `many ${n}`, n }));
    proxy.loseNextAnswer();
    const { insertedCount } = await counters(lossy).insertMany(documents);
    expect(proxy.requests).toBe(2);
    expect(insertedCount).toBe(50);
    expect(await counters(mongoose.connection).countDocuments({ _id: /^many/ })).toBe(50);
  });
});
