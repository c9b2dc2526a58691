import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { setMember } from '../../../src/services/access/members.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { type ImportReport, importFocus } from '../../../src/services/costs/imports.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { undoProject } from '../../../src/services/projects/project-undo.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { creditFor } from '../../support/invoices/credits.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { ask, clock, ctx, fault, member, world } from '../../support/moves/moves.ts';

useDatabase(migrate);

interface Of {
  readonly accountId: string;
  readonly projectId: string;
}

/** A new project in group A of an account that also has group B. */
async function created(who: 'receiving' | 'nobody' = 'receiving'): Promise<Of & { a: string; b: string }> {
  const { account, a, b, projectId } = await world(who);
  return { accountId: account._id, projectId, a, b };
}

/** Imports one row per project. `before` runs before each row is read. */
function importFor(accountId: string, projects: string[], before?: (at: number) => Promise<unknown>) {
  const day = '2026-03-10';
  async function* bytes() {
    yield Buffer.from(`${FOCUS_HEAD}\n`);
    for (const [at, project] of projects.entries()) {
      await before?.(at);
      yield Buffer.from(`${costRow('1.00', { project, day })}\n`);
    }
  }
  const open = () => Readable.from(bytes());
  return importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open }) satisfies Promise<ImportReport>;
}

async function atOnce(...works: (() => Promise<unknown>)[]): Promise<string[]> {
  const settled = await Promise.allSettled(works.map((work) => work()));
  return settled.map((one) => (one.status === 'fulfilled' ? 'done' : String(Object(one.reason).code)));
}

describe('undoing the creation of a project', () => {
  it('deletes it with its membership, with one event, however often it is asked for at once', async () => {
    const of = await created();
    const outcomes = await atOnce(...[1, 2, 3].map(() => () => undoProject(member, of)));
    expect(outcomes.sort()).toEqual(['done', 'project_not_found', 'project_not_found']);
    expect(await Projects.countDocuments({ accountId: of.accountId })).toBe(0);
    expect(await Memberships.countDocuments({ accountId: of.accountId })).toBe(0);
    const events = await Events.find({ accountId: of.accountId, type: 'project_deleted' }).lean();
    expect(events).toMatchObject([
      {
        description: 'Deleted project "p1"',
        actor: 'U_MEMBER',
        projectId: of.projectId,
        billingGroupId: of.a,
        before: { name: 'p1', label: null, externalId: null },
      },
    ]);
    const again = await createProject(ctx, { accountId: of.accountId, name: 'p1' });
    expect(again.project._id).not.toBe(of.projectId);
  });

  it.each<[string, (of: Of & { a: string; b: string }) => Promise<unknown>]>([
    ['costs', ({ accountId }) => importFor(accountId, ['p1'])],
    ['pending_move', ({ accountId, projectId, b }) => ask({ account: { _id: accountId } as never, projectId, b })],
    ['credits', ({ accountId, projectId, a }) => creditFor({ _id: a, accountId }, '5.00', { projectId })],
    [
      'budget',
      ({ accountId, projectId, a }) => setBudget(ctx, { accountId, billingGroupId: a, projectId, amount: '9' }),
    ],
    [
      'adjustments',
      ({ accountId, projectId, a }) =>
        createAdjustment(ctx, {
          ...{ accountId, billingGroupId: a, projectId },
          ...{ kind: 'discount', description: 'Off', percentage: '5' },
        }),
    ],
    [
      'notifications',
      ({ accountId, projectId }) =>
        subscribe(ctx, accountId, { channelId: 'C1', isPersonal: false, projectIds: [projectId] }),
    ],
  ])('is refused with %s', async (because, prepare) => {
    const of = await created();
    await prepare(of);
    await expect(undoProject(ctx, of)).rejects.toMatchObject({ code: 'project_in_use', data: { name: 'p1', because } });
    expect(await Projects.countDocuments({ _id: of.projectId })).toBe(1);
    expect(await fault(of.projectId)).toBeUndefined();
    expect(await Events.countDocuments({ accountId: of.accountId, type: 'project_deleted' })).toBe(0);
  });

  it('is refused after a move', async () => {
    const of = await created('nobody');
    await ask({ account: { _id: of.accountId } as never, projectId: of.projectId, b: of.b }, 'now');
    await expect(undoProject(ctx, of)).rejects.toMatchObject({ code: 'project_in_use', data: { because: 'moved' } });
  });

  it('takes the right to create projects, and shows nothing of another account', async () => {
    const of = await created();
    await setMember(ctx, of.accountId, 'U_VIEWER', 'viewer');
    const as = (id: string) => contextAt(clock, person(id));
    await expect(undoProject(as('U_VIEWER'), of)).rejects.toMatchObject({ code: 'role_needed' });
    await expect(undoProject(as('U_STRANGER'), of)).rejects.toMatchObject({ code: 'account_not_found' });
    const other = await anAccount(ctx);
    const elsewhere = { accountId: other._id, projectId: of.projectId };
    await expect(undoProject(ctx, elsewhere)).rejects.toMatchObject({ code: 'project_not_found' });
    expect(await Projects.countDocuments({ _id: of.projectId })).toBe(1);
  });

  it('during an import is refused for a project that got costs, and else the import creates it again', async () => {
    const of = await created();
    const { project: second } = await createProject(ctx, { accountId: of.accountId, name: 'p2', billingGroupId: of.a });
    let outcomes: string[] = [];
    const open = async (at: number) => {
      if (at !== 1) return;
      outcomes = await atOnce(() => undoProject(ctx, { accountId: of.accountId, projectId: second._id }));
    };
    await importFor(of.accountId, ['p1', 'p2', 'p2'], open);
    expect(outcomes).toEqual(['done']);
    await expect(undoProject(ctx, of)).rejects.toMatchObject({ code: 'project_in_use' });
    await assertCostsHaveProjects(of.accountId, 3);
  });

  it('at the same instant as an import never leaves costs without a project', async () => {
    const { accountId, a } = await created();
    for (let round = 0; round < 8; round++) {
      const name = `round-${round}`;
      const { project } = await createProject(ctx, { accountId, name, billingGroupId: a });
      const [undone, imported] = await atOnce(
        () => undoProject(ctx, { accountId, projectId: project._id }),
        () => importFor(accountId, [name]),
      );
      expect([imported, ['done', 'project_in_use'].includes(undone ?? '')]).toEqual(['done', true]);
      const now = await Projects.findOne({ accountId, name }).orFail().lean();
      expect(now._id === project._id).toBe(undone !== 'done');
      await assertCostsHaveProjects(accountId, round + 1);
    }
  });
});

/** Checks that every cost belongs to an existing project in a group. */
async function assertCostsHaveProjects(accountId: string, costs: number): Promise<void> {
  const ids = (await Costs.find({ accountId }, { projectId: 1 }).lean()).map(({ projectId }) => projectId);
  expect(ids).toHaveLength(costs);
  for (const id of new Set(ids)) {
    expect(await Projects.countDocuments({ _id: id, accountId })).toBe(1);
    expect(await fault(id)).toBeUndefined();
  }
}
