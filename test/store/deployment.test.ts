import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connectStore, disconnectStore, isConnected } from '../../src/store/kit/connect.ts';
import { MIGRATIONS } from '../../src/store/migrations/list.ts';
import {
  found,
  type Role,
  type ScriptedMongod,
  SET_NAME,
  startScriptedMongod,
} from '../support/database/scripted-mongod.ts';

let server: ScriptedMongod;

beforeAll(async () => {
  server = await startScriptedMongod('primary');
  // up to date, so that nothing has to be stored at startup
  const schema = { _id: 'schema', version: MIGRATIONS.length };
  server.answer('find', (command) => found(command, command.find === 'schema_versions' ? [schema] : []));
});
afterAll(async () => {
  await disconnectStore();
  await server.close();
});

async function eventually(wanted: boolean): Promise<void> {
  while ((await isConnected()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 100));
}

it.each([`replicaSet=${SET_NAME}`, 'directConnection=true'])(
  'a deployment that loses its replica set or primary isn’t ready until it has one again (%s)',
  async (options) => {
    await connectStore(`mongodb://${server.host}/billing?${options}`);
    expect(await isConnected()).toBe(true);
    for (const role of ['secondary', 'standalone'] satisfies Role[]) {
      server.becomes(role);
      await eventually(false);
      server.becomes('primary');
      await eventually(true);
    }
    await disconnectStore();
  },
  30_000,
);
