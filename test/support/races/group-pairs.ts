import type { EventType } from '../../../src/billing/event/event.ts';
import { removeMember, setMember } from '../../../src/services/access/members.ts';
import { bearerOf, createToken, revokeToken } from '../../../src/services/access/tokens.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { setCurrency } from '../../../src/services/groups/billing-information.ts';
import { createGroup, deleteGroup, renameGroup, setPrimaryGroup } from '../../../src/services/groups/groups.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { approveMove, rejectMove, withdrawMove } from '../../../src/services/moves/move-decide.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { contextAt, person } from '../context.ts';
import { type Given, type Pair, pair } from './pair.ts';
import { openWorld, type RaceWorld } from './race-world.ts';

type Asked = RaceWorld & { readonly requestId: string };

/** An account in which a project’s move to the other group waits for an approval. */
async function withRequest(given: Given): Promise<Asked> {
  const world = await openWorld(given, { who: 'both' });
  const { accountId, projectId, otherId, clock } = world;
  await setMember(world.ctx, accountId, 'U_MEMBER', 'member');
  const input = { accountId, projectIds: [projectId], toGroupId: otherId, effect: 'now' as const, reason: 'Because.' };
  const asked = await askMove(contextAt(clock, person('U_MEMBER')), input);
  if (asked.kind !== 'requested') throw new Error(asked.kind);
  return { ...world, requestId: asked.request._id };
}

const owner = ({ clock }: RaceWorld) => contextAt(clock, person('U_OWNER'));
const approve = (of: Asked) => () => approveMove(owner(of), of);
const other = ({ accountId, otherId }: RaceWorld) => ({ accountId, billingGroupId: otherId });
const remove = (of: RaceWorld) => () => deleteGroup(of.ctx, other(of));

/** A request has one end. */
async function moveFaults({ accountId, requestId, projectId }: Asked): Promise<string[]> {
  const request = await Moves.findById(requestId).orFail().lean();
  const isOpen = request.state === 'open';
  return isOpen ? [`the request of ${projectId} in ${accountId} is still open`] : [];
}

export const GROUP_PAIRS: Readonly<Record<string, Pair>> = {
  'the deletion of a group and its choice as primary one': pair({
    world: openWorld,
    works: (of: RaceWorld) => [remove(of), () => setPrimaryGroup(of.ctx, other(of))],
  }),
  'the deletion of a group and a move into it': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      remove(of),
      () =>
        askMove(of.ctx, {
          ...{ accountId: of.accountId, projectIds: [of.projectId], toGroupId: of.otherId },
          ...{ effect: 'now', reason: 'Because.' },
        }),
    ],
  }),
  'the deletion of a group and a new project in it': pair({
    world: openWorld,
    works: (of: RaceWorld) => [remove(of), () => createProject(of.ctx, { ...other(of), name: 'new' })],
  }),
  'the deletion of a group and its budget': pair({
    world: openWorld,
    works: (of: RaceWorld) => [remove(of), () => setBudget(of.ctx, { ...other(of), amount: '100' })],
    /** A deleted group keeps what it had, and gets nothing new. */
    async faults({ accountId, otherId: billingGroupId }) {
      const placeOf = async (type: EventType) =>
        (await Events.findOne({ accountId, billingGroupId, type }).lean())?.logEntryId;
      const [set = 0, deleted = 0] = [await placeOf('budget_set'), await placeOf('billing_group_deleted')];
      return deleted > 0 && set > deleted ? ['a deleted group got a budget'] : [];
    },
  }),
  'a new name, and a new group with this name': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      () => renameGroup(of.ctx, { ...other(of), name: 'Same' }),
      () => createGroup(of.ctx, { accountId: of.accountId, name: 'same' }),
    ],
    outcomes: ['done, billing_group_name_taken', 'billing_group_name_taken, done'],
  }),
  'a new name and a move': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      () => renameGroup(of.ctx, { ...other(of), name: 'Renamed' }),
      () =>
        askMove(of.ctx, {
          ...{ accountId: of.accountId, projectIds: [of.projectId], toGroupId: of.otherId },
          ...{ effect: 'now', reason: 'Because.' },
        }),
    ],
    outcomes: ['done, done'],
  }),
  'a new currency and a new name': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      () => setCurrency(of.ctx, { ...other(of), currency: 'USD' }),
      () => renameGroup(of.ctx, { ...other(of), name: 'Dollars' }),
    ],
    async faults({ otherId }) {
      const { name, currency } = await Groups.findById(otherId).orFail().lean();
      return name === 'Dollars' && currency === 'USD' ? [] : [`one change was lost: ${name}, ${currency}`];
    },
  }),
  'the approval of a move and its rejection': pair({
    world: withRequest,
    works: (of: Asked) => [approve(of), () => rejectMove(owner(of), { ...of, reason: 'No.' })],
    outcomes: ['done, move_settled', 'move_settled, done'],
    faults: moveFaults,
  }),
  'the approval of a move and its withdrawal': pair({
    world: withRequest,
    works: (of: Asked) => [approve(of), () => withdrawMove(contextAt(of.clock, person('U_MEMBER')), of)],
    outcomes: ['done, move_settled', 'move_settled, done'],
    faults: moveFaults,
  }),
  'two approvals of a move': pair({
    world: withRequest,
    works: (of: Asked) => [approve(of), approve(of)],
    faults: moveFaults,
  }),
  'two owners who leave': pair({
    async world(given: Given) {
      const world = await openWorld(given);
      await setMember(world.ctx, world.accountId, 'U_SECOND', 'owner');
      return world;
    },
    works: (of: RaceWorld) => [
      () => removeMember(of.ctx, { accountId: of.accountId, id: 'U_OWNER' }),
      () => removeMember(of.ctx, { accountId: of.accountId, id: 'U_SECOND' }),
    ],
  }),
  'the revocation of a token and a request with it': pair({
    async world(given: Given) {
      const world = await openWorld(given);
      const { secret, token } = await createToken(world.ctx, world.accountId, {
        ...{ name: 'BI', scope: 'billing:read', days: null },
      });
      return { ...world, secret, tokenId: token.id };
    },
    works: ({ ctx, accountId, secret, tokenId }) => [
      () => revokeToken(ctx, accountId, { id: tokenId }),
      () => bearerOf(ctx, secret),
    ],
    outcomes: ['done, done'],
    async faults({ ctx, secret }) {
      return (await bearerOf(ctx, secret)) === undefined ? [] : ['a revoked token still works'];
    },
  }),
};
