import { expect, it } from '@jest/globals';
import { draftOf } from '../../../src/services/costs/mappings/mapping-draft.ts';
import { fileOfSource } from '../../../src/services/sources/source-mapping.ts';
import { type SourceTools, StorageFault } from '../../../src/services/sources/source-storage.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { aFolderSource, useSourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const world = useSourceFolder();
const { ctx } = world;

it.each([
  ['that is read', undefined],
  ['that can’t be opened', 'denied'],
] as const)('a file of a source %s leaves no connection open', async (_what, kind) => {
  world.folder.put({ '2026-10.csv': Buffer.from('Team,Price,Day\nred,12.50,2026-10-01\n') });
  let [opened, closed] = [0, 0];
  const tools: SourceTools = {
    ...world.folder.tools,
    open: async (...given) => {
      opened += 1;
      const storage = await world.folder.tools.open(...given);
      const open = async (object: Parameters<typeof storage.open>[0]) => {
        if (kind) throw new StorageFault(kind, 'It can’t be read.');
        return storage.open(object);
      };
      const close = async () => {
        closed += 1;
        await storage.close();
      };
      return { list: () => storage.list(), open, close };
    },
  };
  const id = await aFolderSource(ctx, tools, world.account._id);
  const file = await fileOfSource(ctx, tools, world.account._id, id);
  expect([opened, closed]).toEqual([1, 1]);
  const draft = draftOf(ctx, file);
  if (kind) await expect(draft).rejects.toMatchObject({ code: 'source_unreadable' });
  else expect((await draft).header).toEqual(['Team', 'Price', 'Day']);
  expect([opened, closed]).toEqual([2, 2]);
});
