import { z } from 'zod';
import { titleOfProject } from '../../billing/group/names.ts';
import { Refusal } from '../../billing/refusal.ts';
import { isMember } from '../../store/accounts/member-reads.ts';
import type { AnomalyDoc } from '../../store/anomalies/anomalies.ts';
import { acceptAnomaly, askAbout, assignAnomaly } from '../../store/anomalies/anomaly-writes.ts';
import { projectIdsLedBy, usersLeading } from '../../store/groups/project-leads.ts';
import { projectById } from '../../store/groups/project-reads.ts';
import { takeTurn } from '../../store/kit/holds.ts';
import type { Admission } from '../access/admission.ts';
import { inactiveUsersOf } from '../access/deactivation.ts';
import { admit } from '../access/rights.ts';
import { sightOfUser } from '../access/sight.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { type AnomalySummary, getAnomaly, seenAnomaly } from './anomaly-lists.ts';
import { anomalyTurn } from './anomaly-words.ts';

/** The maximum number of characters of a reason. */
export const MAX_REASON_CHARACTERS = 500;
/** How many of a project's leads are asked. */
const MOST_ASKED = 20;

export const reasonSchema = z
  .string('Enter a reason.')
  .trim()
  .min(1, 'Enter a reason.')
  .max(MAX_REASON_CHARACTERS, `A reason can have at most ${MAX_REASON_CHARACTERS} characters.`);

/** Identifies an anomaly and its account. */
export interface AnomalyId {
  readonly accountId: string;
  readonly id: string;
}

/**
 * Stores why costs are expected at this level: they aren't reported again up to it. Safe to repeat: the same reason
 * causes no event.
 *
 * @throws {Refusal} `anomaly_not_found`, `role_needed`, `account_not_found`
 */
export async function expectAnomaly(ctx: Ctx, { accountId, id }: AnomalyId, typed: string): Promise<void> {
  const reason = reasonSchema.parse(typed);
  await inAnswer(ctx, { accountId, id }, async (tx, doc) => {
    if (doc.reason === reason) return;
    const state = doc.state === 'open' ? 'expected' : doc.state;
    const why = { state, reason, acceptedBy: actorName(tx.actor), acceptedAt: tx.clock.now() };
    await acceptAnomaly(tx, doc, why);
    await tell(tx, doc, {
      type: 'anomaly_expected',
      description: `Marked the unusual costs of ${await nameOf(doc)} as expected: ${reason}`,
      data: { reason },
    });
  });
}

/**
 * Stores who investigates the costs. Safe to repeat.
 *
 * @param userId a Slack user ID
 * @throws {Refusal} `anomaly_not_found`, `role_needed`, `account_not_found`; `invalid_input` for a person who isn't in the
 * account or doesn't see the project
 */
export async function investigateAnomaly(ctx: Ctx, { accountId, id }: AnomalyId, userId: string): Promise<void> {
  await inAnswer(ctx, { accountId, id }, async (tx, doc, { account }) => {
    if (doc.assignee === userId) return;
    const isThere = await isMember(accountId, userId);
    const sight = await sightOfUser(account, userId, tx.clock.now());
    const sees = isThere && (await seenAnomaly(tx, { accountId, id, sight }).then(Boolean, isRefusal));
    if (!sees)
      throw new Refusal('invalid_input', { fields: { assignee: 'Choose a person who can see this project.' } });
    await assignAnomaly(tx, doc, userId);
    await tell(tx, doc, {
      type: 'anomaly_assigned',
      description: `Assigned the unusual costs of ${await nameOf(doc)}`,
      data: { assignee: userId },
    });
  });
}

/**
 * Asks the project's leads about the costs, by direct message from a background job. Safe to repeat: each is asked once.
 *
 * @returns the people who are asked
 * @throws {Refusal} `no_project_leads` if there is none who sees the project; `anomaly_not_found`, `role_needed`,
 * `account_not_found`
 */
export async function askLeads(ctx: Ctx, { accountId, id }: AnomalyId): Promise<string[]> {
  return inAnswer(ctx, { accountId, id }, async (tx, doc, { account }) => {
    const project = doc.projectId === null ? null : await projectById(accountId, doc.projectId);
    const users = project ? await usersLeading(accountId, project.leads ?? []) : [];
    const inactive = await inactiveUsersOf(accountId);
    const people: string[] = [];
    for (const user of users.filter((one) => !inactive.includes(one)).slice(0, MOST_ASKED)) {
      if (!(await isMember(accountId, user))) continue;
      const sight = await sightOfUser(account, user, tx.clock.now());
      if (await seenAnomaly(tx, { accountId, id, sight }).then(Boolean, isRefusal)) people.push(user);
    }
    if (!project || people.length === 0) throw new Refusal('no_project_leads', { project: project?.name ?? '' });
    const fresh = people.filter((user) => !doc.asked.includes(user));
    if (fresh.length === 0) return people;
    await askAbout(tx, doc, { users: fresh, askedBy: actorName(tx.actor) });
    await tell(tx, doc, {
      type: 'anomaly_leads_asked',
      description: `Asked the leads of project ${titleOfProject(project)} about unusual costs of ${doc.service}`,
      data: { leads: fresh },
    });
    tx.nudge('anomalies');
    return people;
  });
}

/** The anomaly, for a person who may answer for it. @throws {Refusal} as `expectAnomaly` */
export async function answerableAnomaly(ctx: Ctx, { accountId, id }: AnomalyId): Promise<AnomalySummary> {
  const { project, ...anomaly } = await getAnomaly(ctx, accountId, id);
  if (!(await leads(ctx, accountId, project?.id ?? null))) await admit(ctx, accountId, 'edit_projects');
  return { ...anomaly, project };
}

/** Only the error of an anomaly that isn't seen counts as an answer. */
function isRefusal(error: unknown): false {
  if (error instanceof Refusal) return false;
  throw error;
}

/** People who may edit projects, or lead the project, can answer for its costs (domain.md, Anomalies). */
async function inAnswer<T>(
  ctx: Ctx,
  { accountId, id }: AnomalyId,
  change: (tx: Change, doc: AnomalyDoc, admission: Admission) => Promise<T>,
): Promise<T> {
  return inChange(ctx, accountId, 'see', async (tx, admission) => {
    const { sight } = admission;
    const { projectId } = await seenAnomaly(tx, { accountId, id, sight });
    if (!(await leads(tx, accountId, projectId))) await admit(tx, accountId, 'edit_projects');
    await takeTurn(tx, anomalyTurn(accountId, projectId));
    return change(tx, await seenAnomaly(tx, { accountId, id, sight }), admission);
  });
}

async function leads({ actor }: Ctx, accountId: string, projectId: string | null): Promise<boolean> {
  if (actor.kind !== 'person' || projectId === null) return false;
  return (await projectIdsLedBy(accountId, actor.userId)).includes(projectId);
}

/** `Compute in project web` */
async function nameOf({ accountId, projectId, service }: AnomalyDoc): Promise<string> {
  const project = projectId === null ? null : await projectById(accountId, projectId);
  return project ? `${service} in project ${titleOfProject(project)}` : service;
}

interface Told {
  readonly type: 'anomaly_expected' | 'anomaly_assigned' | 'anomaly_leads_asked';
  readonly description: string;
  readonly data: Readonly<Record<string, unknown>>;
}

async function tell(tx: Change, doc: AnomalyDoc, { type, description, data }: Told): Promise<void> {
  await tx.record({
    accountId: doc.accountId,
    type,
    description,
    ...(doc.billingGroupId !== null && { billingGroupId: doc.billingGroupId }),
    ...(doc.projectId !== null && { projectId: doc.projectId }),
    after: { anomalyId: doc._id, billingGroupIds: [...doc.billingGroupIds], ...data },
  });
  tx.nudge('news');
}
