import { describe, expect, it } from '@jest/globals';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { listProjects } from '../../../src/services/projects/project-lists.ts';
import { undoProject } from '../../../src/services/projects/project-undo.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { useDatabase } from '../../support/database/database.ts';
import { ctx, world } from '../../support/moves/moves.ts';

useDatabase(migrate);

describe('the list of projects', () => {
  it('has each project as soon as it is there, and none that was deleted, whether or not the log has numbered that', async () => {
    const { account } = await world('nobody');
    const accountId = account._id;
    const named = async () => (await listProjects(ctx, accountId, { page: 1, size: 99 })).items.map(({ name }) => name);
    const create = (name: string) => createProject(ctx, { accountId, name });
    const before = await named();
    const seen: string[][] = [];
    for (const numbersAt of [0, 1, 2, 3]) {
      // what was read before is kept, and numbered before or after the next change
      const name = `added ${numbersAt}`;
      const { project } = await create(name);
      if (numbersAt % 2 === 1) await numberEvents(ctx);
      seen.push((await named()).filter((one) => !before.includes(one)));
      await undoProject(ctx, { accountId, projectId: project._id });
      if (numbersAt >= 2) await numberEvents(ctx);
      seen.push((await named()).filter((one) => !before.includes(one)));
    }
    expect(seen).toEqual([['added 0'], [], ['added 1'], [], ['added 2'], [], ['added 3'], []]);
    expect(await named()).toEqual(before);
  });
});
