import type { ActionsBlockElement, KnownBlock, ModalView } from '@slack/types';
import { undoProject } from '../../src/services/projects/project-undo.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { actions, button, modal, section } from '../../src/slack/blocks/blocks.ts';
import { code, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { projectTitle } from '../kit/figures.ts';
import { doneModal, originFrom, showBelow } from '../kit/form.ts';
import { PROJECT_OPEN } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';

/** The title of the form for a new project, and of what follows it. */
export const NEW_PROJECT = 'New project';
/** Creates a project after the question whether its name is a typo. */
const CONFIRM = 'project.create.confirm';
/** Undoes the creation of a project. */
const UNDO = 'project.create.undo';

type Created = Awaited<ReturnType<typeof createProject>>;
type Called = Pick<Created['project'], '_id' | 'name' | 'label'>;

/** A project to be created, in the named group or else in the primary one. */
export interface Wanted {
  readonly account: string;
  readonly name: string;
  readonly group?: string | undefined;
}

/** Confirms the creation of a project, with a button to undo it. */
export function createdReply(account: string, created: Created): Reply {
  return { text: createdText(created), blocks: createdBlocks(account, created) };
}

/** The same as a modal that replaces the form. */
export function createdModal(origin: Origin, created: Created): ModalView {
  const blocks = createdBlocks(origin.account, created);
  return modal({ title: NEW_PROJECT, close: 'Done', metadata: JSON.stringify(origin), blocks });
}

/** Asks whether to create a project although another one has nearly the same name. */
export function similarReply(wanted: Wanted, similar: Called): Reply {
  return withButtons(similarText(wanted, similar), [createButton(wanted), viewButton(wanted.account, similar)]);
}

/** The same as a modal that replaces the form. */
export function similarModal(origin: Origin, wanted: Wanted, similar: Called): ModalView {
  const blocks = [section(similarText(wanted, similar)), actions([createButton(wanted)])];
  return modal({ title: NEW_PROJECT, close: 'Cancel', metadata: JSON.stringify(origin), blocks });
}

/**
 * Says that a project doesn’t exist, with the nearest name and a button to create it.
 *
 * @param create the command that creates it; undefined if the person may not
 */
export function noProjectReply(wanted: Wanted, nearest: Called | null, create: string | undefined): Reply {
  const lines = [
    `There is no project named “${escapeMrkdwn(wanted.name)}”.`,
    ...(nearest ? [`Did you mean “${projectTitle(nearest)}”?`] : []),
    ...(create === undefined ? [] : [`To create it, type ${code(create)}.`]),
    ...(nearest || create !== undefined ? [] : ['Type `/billing projects` to see all projects.']),
  ];
  return withButtons(lines.join(' '), [
    ...(create === undefined ? [] : [createButton(wanted)]),
    ...(nearest ? [viewButton(wanted.account, nearest)] : []),
  ]);
}

/** Registers the buttons that create a project after a question and undo a creation. */
export function registerProjectDecisions(app: SlackApp, deps: Deps): void {
  onAction(app, CONFIRM, async (request, action) => {
    const { account: accountId, group, name } = readTarget(action.value);
    const created = await createProject(contextOf(deps, request), {
      ...{ accountId, name },
      ...(group !== '' && { billingGroupId: group }),
    });
    const { view } = action;
    if (!view) return request.respond({ ...createdReply(accountId, created), replace: true });
    const origin = originFrom(view);
    await request.client.views.update({ view_id: view.id, view: createdModal(origin, created) });
    await showBelow(request, contextOf(deps, request), origin);
  });
  onAction(app, UNDO, async (request, action) => {
    const { account: accountId, project: projectId } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    const text = `Deleted project *${projectTitle(await undoProject(ctx, { accountId, projectId }))}*.`;
    const { view } = action;
    if (!view) return request.respond({ text, blocks: [section(text)], replace: true });
    await request.client.views.update({ view_id: view.id, view: doneModal(NEW_PROJECT, text) });
    await showBelow(request, ctx, originFrom(view));
  });
}

function similarText({ name }: Wanted, similar: Called): string {
  return `There is already a project named “${projectTitle(similar)}”. Create “${escapeMrkdwn(name)}” anyway?`;
}

function createdText({ project, billingGroupName }: Created): string {
  return `Created project *${projectTitle(project)}* in billing group *${escapeMrkdwn(billingGroupName)}*.`;
}

function createdBlocks(account: string, created: Created): KnownBlock[] {
  const value = target({ account, project: created.project._id });
  return [section(createdText(created)), actions([button('Undo creation', UNDO, { value })])];
}

function createButton({ account, name, group = '' }: Wanted): ActionsBlockElement {
  return button('Create project', CONFIRM, { value: target({ account, group, name }) });
}

function viewButton(account: string, { _id: project, name, label }: Called): ActionsBlockElement {
  return button(`View ${label ?? name}`, PROJECT_OPEN, { value: target({ account, project }) });
}

function withButtons(text: string, buttons: readonly ActionsBlockElement[]): Reply {
  return { text, blocks: [section(text), ...(buttons.length === 0 ? [] : [actions(buttons)])] };
}
