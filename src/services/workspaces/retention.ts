import { count } from '../../billing/money/count.ts';
import { sourcesOf } from '../../store/sources/source-queries.ts';
import {
  deleteEndedInstallation,
  type InstallationDoc,
  installationsEndedBefore,
  teamsToKeep,
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
    const isDeleted = await inTransaction(ctx, (tx) => deleteWorkspaces(tx, installation, { days, before }));
    if (!isDeleted) return;
    ctx.log.info({ installation: installation._id }, 'the data of an uninstalled workspace was deleted');
    deleted += 1;
  });
  return deleted;
}

/** @returns false if the app was installed again meanwhile, and nothing was deleted */
async function deleteWorkspaces(
  tx: Change,
  installation: InstallationDoc,
  { days, before }: { readonly days: number; readonly before: Date },
): Promise<boolean> {
  // first, so that an installation at the same time conflicts with this transaction
  if (!(await deleteEndedInstallation(tx, installation))) return false;
  // a workspace may also be served by its organization's installation, or by its own
  const kept = await teamsToKeep(tx, installation, before);
  for (const teamId of installation.teamIds.filter((id) => !kept.has(id))) {
    await deletePeopleData(tx, teamId);
    for (const accountId of await allAccountIdsOfTeam(teamId)) {
      await endSubscriptions(tx, accountId, days);
      await forgetChannels(tx, accountId);
      await endSources(tx, accountId);
    }
  }
  return true;
}

/** Deletes an account's sources of costs, with their credentials. Their costs stay. */
async function endSources(tx: Change, accountId: string): Promise<void> {
  for (const source of await sourcesOf(accountId)) await deleteWithDeliveries(tx, source);
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
