import { count } from '../../billing/money/count.ts';
import { sourceById, sourcesOf } from '../../store/sources/source-queries.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import {
  deleteEndedInstallation,
  type InstallationDoc,
  installationsEndedBefore,
  mayDeleteTeam,
} from '../../store/workspaces/installations.ts';
import {
  allAccountIdsOfTeam,
  deletePeopleData,
  deleteSubscriptions,
  forgetChannels,
} from '../../store/workspaces/slack-data.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { deleteWithDeliveries } from '../sources/sources.ts';

const DAY_MS = 86_400_000;
/** How many installations a run deletes, and how many it looks at, so that failing ones don't stop the others. */
const BATCH = 20;
const LOOKED_AT = 1_000;
const DELETING: Loop<InstallationDoc> = {
  kind: 'ended-installation',
  ...{ whole: 'everywhere', most: BATCH },
  name: ({ _id: id }) => ({ id }),
};

/**
 * Deletes what is kept about Slack workspaces that uninstalled the app and didn't install it again: the installation,
 * people's names, their Homes and selected accounts, all subscriptions, and sources of costs with their
 * credentials. Accounts stay with their billing groups,
 * invoices and event log, which have to be kept by law, and so do the roles of members, as Slack IDs.
 *
 * @param days how long after the end of the installation
 * @returns how many installations were deleted
 */
export async function deleteEndedWorkspaces(ctx: Ctx, days: number): Promise<number> {
  const before = new Date(ctx.clock.now().getTime() - days * DAY_MS);
  let deleted = 0;
  await eachOfAll(ctx, DELETING, await installationsEndedBefore(before, LOOKED_AT), async (installation) => {
    for (const teamId of installation.teamIds) await deleteTeam(ctx, { installation, teamId, before, days });
    if (!(await inTransaction(ctx, (tx) => deleteEndedInstallation(tx, installation)))) return;
    ctx.log.info({ installation: installation._id }, 'the data of an uninstalled workspace was deleted');
    deleted += 1;
  });
  return deleted;
}

interface Ending {
  readonly installation: InstallationDoc;
  readonly teamId: string;
  /** The instant before which an installation ended long enough ago. */
  readonly before: Date;
  readonly days: number;
}

/**
 * Deletes what is kept about a workspace, in short transactions that each look again whether it may be deleted. A
 * process that is killed between them leaves the rest to the next run.
 */
async function deleteTeam(ctx: Ctx, ending: Ending): Promise<void> {
  if (!(await ifEnded(ctx, ending, async () => true))) return;
  for (const accountId of await allAccountIdsOfTeam(ending.teamId)) {
    await ifEnded(ctx, ending, async (tx) => {
      await endSubscriptions(tx, accountId, ending.days);
      await forgetChannels(tx, accountId, ctx.clock.now());
    });
    for (const source of await sourcesOf(accountId)) {
      await ifEnded(ctx, ending, (tx) => endSource(tx, source));
    }
  }
  // after the accounts, so that nobody is noted again
  while (await ifEnded(ctx, ending, (tx) => deletePeopleData(tx, ending.teamId)));
}

/** Runs a step of the deletion in a transaction, unless the workspace is served by another installation meanwhile. */
async function ifEnded<T>(
  ctx: Ctx,
  { installation, teamId, before }: Ending,
  step: (tx: Change) => Promise<T>,
): Promise<T | undefined> {
  return inTransaction(ctx, async (tx) =>
    (await mayDeleteTeam(tx, installation, teamId, before)) ? step(tx) : undefined,
  );
}

/** Deletes a source of costs, with its credentials. Its costs stay. */
async function endSource(tx: Change, { accountId, _id: id }: SourceDoc): Promise<void> {
  const source = await sourceById(accountId, id);
  if (source) await deleteWithDeliveries(tx, source);
}

async function endSubscriptions(tx: Change, accountId: string, days: number): Promise<void> {
  const deleted = await deleteSubscriptions(tx, accountId);
  if (deleted === 0) return;
  const what = count(deleted, 'subscription');
  await tx.record({
    accountId,
    type: 'subscription_changed',
    description: `Deleted ${what}, because the app was uninstalled from Slack ${count(days, 'day')} ago`,
  });
}
