import { numberEvents } from '../../src/services/events/event-log.ts';
import { refreshEstimates } from '../../src/services/invoicing/estimates.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { MortalDatabase } from '../chaos/mortal-database.ts';
import { startApi } from '../support/api/api.ts';
import { apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';

/** A running API with an account for clients. */
export interface ClientWorld {
  readonly url: string;
  readonly token: string;
  /** What commands and requests name. */
  readonly values: Readonly<Record<string, string>>;
  /** Does what background jobs do after a change. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a database, and the API on an account with two groups, an invoice, an estimate and credits. */
export async function startClientWorld(): Promise<ClientWorld> {
  const database = new MortalDatabase();
  await database.start();
  await connectStore(database.uri);
  await migrate();
  const clock = new TestClock('2026-11-10T12:00:00Z');
  const ctx = contextAt(clock);
  const world = await apiWorld(ctx);
  const api = await startApi(clock);
  const { account, group, other, codes } = world;
  const list = await api.ask('GET', `/billing-group/${group}/invoice`, { token: world.read });
  const numbers = (list.body.invoices as { invoice_number: string }[]).map((one) => one.invoice_number);
  const invoice = numbers.find((number) => !number.startsWith('estimate')) ?? '';
  return {
    ...{ url: api.url, token: world.write },
    values: { account, group, other, code: codes[0] ?? '', invoice },
    async settle() {
      await numberEvents(ctx);
      await refreshEstimates(ctx);
    },
    async stop() {
      await api.stop();
      await disconnectStore();
      await database.remove();
    },
  };
}
