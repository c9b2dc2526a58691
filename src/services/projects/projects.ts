import type { Sight } from '../../billing/account/sight.ts';
import { type BillingInformation, NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import { cleanName, cutName, externalKeyOf, NAME_LIMITS, nameKey, nameLength } from '../../billing/group/names.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { isEuVatId } from '../../billing/tax/vat-id.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { setPrimaryGroup } from '../../store/accounts/account-writes.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { activeGroupById } from '../../store/groups/group-reads.ts';
import { holdGroup, insertGroup } from '../../store/groups/group-writes.ts';
import type { GroupDoc, ProjectDoc } from '../../store/groups/groups.ts';
import { insertMemberships } from '../../store/groups/membership-writes.ts';
import { isProjectNameTaken } from '../../store/groups/project-reads.ts';
import { insertProject } from '../../store/groups/project-writes.ts';
import { newId } from '../../store/kit/ids.ts';
import { touchEstimates } from '../invoicing/estimates.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';

/** The known data of a new project. */
export interface NewProject {
  readonly name: string;
  readonly label: string | null;
  readonly externalId: string | null;
  /** The group that was requested for it, if any. */
  readonly billingGroupId?: string;
}

/**
 * Creates a project and puts it into its first group (domain.md, Membership): the requested one, otherwise the
 * account's primary group, otherwise a new one. The membership has no start, so costs from before the project was
 * created belong to it, too.
 */
export async function makeProject(
  tx: Change,
  account: AccountDoc,
  input: NewProject,
): Promise<{ readonly project: ProjectDoc; readonly group: Pick<GroupDoc, '_id' | 'name'> }> {
  const name = cleanName(input.name);
  const project: ProjectDoc = {
    _id: newId('prj'),
    accountId: account._id,
    name,
    nameKey: nameKey(name),
    label: input.label === null ? null : cutName(cleanName(input.label), NAME_LIMITS.account),
    externalId: input.externalId,
    ...(input.externalId !== null && { externalKey: externalKeyOf(input.externalId) }),
    createdAt: tx.clock.now(),
  };
  await insertProject(tx, project);
  await tx.record({
    accountId: account._id,
    type: 'project_created',
    description: `Created project "${name}"`,
    projectId: project._id,
    after: { name, label: project.label, externalId: project.externalId },
  });
  const group = await firstGroup(tx, account._id, project, input.billingGroupId);
  await holdGroup(tx, account._id, group._id);
  const place = { projectId: project._id, projectKey: project.nameKey, billingGroupId: group._id };
  await insertMemberships(tx, [{ accountId: account._id, ...place, from: null }]);
  await tx.record({
    accountId: account._id,
    type: 'project_added',
    description: `Added project ${name} to billing group "${group.name}"`,
    projectId: project._id,
    billingGroupId: group._id,
    after: { billingGroupId: group._id },
  });
  return { project, group };
}

/**
 * Creates a project for a person. Safe to repeat: the name is unique in the account, so a second call is refused.
 *
 * @throws {Refusal} `project_name_taken`, `invalid_input`, `billing_group_not_found`, `role_needed`
 */
export async function createProject(
  ctx: Ctx,
  input: { accountId: string; name: string; billingGroupId?: string },
): Promise<{ project: ProjectDoc; billingGroupName: string }> {
  const name = projectNameTyped(input.name);
  return inChange(ctx, input.accountId, 'edit_projects', async (tx, { account, sight }) => {
    if (await isProjectNameTaken(account._id, nameKey(name))) {
      throw new Refusal('project_name_taken', { name });
    }
    const { billingGroupId } = input;
    if (billingGroupId !== undefined) await assertActive(account._id, billingGroupId, sight);
    const { project, group } = await makeProject(tx, account, {
      name,
      label: null,
      externalId: null,
      ...(billingGroupId !== undefined && { billingGroupId }),
    });
    return { project, billingGroupName: group.name };
  });
}

/** Validates a typed project name. @returns the name as it is stored @throws {Refusal} `invalid_input` */
export function projectNameTyped(typed: string): string {
  const name = cleanName(typed);
  if (name !== '' && nameLength(name) <= NAME_LIMITS.project) return name;
  throw new Refusal('invalid_input', { fields: { name: `Enter a name of 1 to ${NAME_LIMITS.project} characters.` } });
}

/** Creates a group whose name is known to be free. */
export async function makeGroup(
  tx: Change,
  account: AccountDoc,
  input: {
    name: string;
    currency: string;
    environment?: string;
    billing?: BillingInformation;
    paymentMethodId?: string | null;
    approverIds?: readonly string[];
  },
): Promise<GroupDoc> {
  const name = cleanName(input.name);
  const period: Period = periodAt(tx.clock.now(), account.timeZone);
  const group: GroupDoc = {
    _id: newId('bg'),
    accountId: account._id,
    name,
    nameKey: nameKey(name),
    currency: input.currency,
    state: 'active',
    paymentMethodId: input.paymentMethodId ?? null,
    billing: input.billing ?? NO_BILLING_INFORMATION,
    // a copied VAT ID that is waiting for confirmation also waits in the new group
    vatCheckAt: waitsForOffice(input.billing) ? tx.clock.now() : null,
    vatTries: 0,
    environment: input.environment ?? '',
    approverIds: input.approverIds ?? [],
    nextPeriod: period,
    lastClosed: null,
    chart: null,
    deletedAt: null,
    finalPeriod: null,
    changes: 0,
    createdAt: tx.clock.now(),
  };
  await insertGroup(tx, group);
  if (group.vatCheckAt !== null) tx.nudge('vat');
  await tx.record({
    accountId: account._id,
    type: 'billing_group_created',
    description: `Created billing group "${name}"`,
    billingGroupId: group._id,
    after: { name, currency: group.currency },
  });
  await touchEstimates(tx, account, period, [group]);
  return group;
}

function waitsForOffice(billing: BillingInformation | undefined): boolean {
  return billing?.vatState === 'unconfirmed' && isEuVatId(billing.countryCode, billing.vatId);
}

/** Makes a group the one that new projects join. */
export async function makePrimary(tx: Change, accountId: string, group: Pick<GroupDoc, '_id' | 'name'>): Promise<void> {
  const before = await setPrimaryGroup(tx, accountId, group._id);
  if (before === group._id) return;
  await tx.record({
    accountId,
    type: 'billing_group_set_primary',
    description: `Set billing group "${group.name}" as primary`,
    billingGroupId: group._id,
    before: { primaryBillingGroupId: before },
    after: { primaryBillingGroupId: group._id },
  });
}

async function assertActive(accountId: string, billingGroupId: string, sight: Sight): Promise<void> {
  if (sight.sees(billingGroupId) && (await activeGroupById(accountId, billingGroupId))) return;
  throw new Refusal('billing_group_not_found', {}, { fields: ['group'] });
}

async function firstGroup(
  tx: Change,
  accountId: string,
  project: ProjectDoc,
  named?: string,
): Promise<Pick<GroupDoc, '_id' | 'name'>> {
  // read again: an earlier project of the same transaction may have created the primary group
  const account = await accountOrFail(accountId);
  const wanted = named ?? account.primaryBillingGroupId;
  const group = wanted ? await activeGroupById(accountId, wanted) : null;
  if (group) return group;
  const made = await makeGroup(tx, account, {
    name: cutName(`Default billing group for project ${project.name}`, NAME_LIMITS.billingGroup),
    currency: account.currency,
  });
  if (account.primaryBillingGroupId === null) await makePrimary(tx, accountId, made);
  return made;
}
