import type { ModalView } from '@slack/types';
import { SOURCE_KINDS, type SourceKind } from '../../src/billing/source/source.ts';
import { admit } from '../../src/services/access/rights.ts';
import { listMappings } from '../../src/services/costs/mappings/cost-mappings.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { editSource, type SourceEdit } from '../../src/services/sources/edit-source.ts';
import { boxOrRefuse } from '../../src/services/sources/source-secrets.ts';
import { addSource, findSource, type NewSource } from '../../src/services/sources/sources.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { accountOfButton, type FindAccount } from '../kit/account-modal.ts';
import { readTarget } from '../kit/action-target.ts';
import { onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { SOURCE_FIELDS } from './source-fields.ts';
import { kindOf, PATH_STYLE, SOURCE_FORM, sourceForm, type Typed, titleOf, typedSchema } from './source-form-view.ts';
import { toolsOf } from './source-kit.ts';
import { SOURCE_ADD, SOURCE_EDIT } from './source-list.ts';

/** Opens the form for a new source of a kind, if the server can store its credentials. */
export function openSourceForm(
  request: RequestContext,
  deps: Deps,
  kind: SourceKind,
  find: FindAccount,
): Promise<void> {
  return openForm(request, titleOf(originOf(request, { account: '', more: { kind } })), async () => {
    const { ctx, account } = await find();
    await admit(ctx, account, 'issue');
    boxOrRefuse(toolsOf(deps).box);
    return formFor(ctx, originOf(request, { account, more: { kind } }), {});
  });
}

/** Opens the form that changes a source. @param which its name or ID */
export function openEditForm(request: RequestContext, deps: Deps, which: string, find: FindAccount): Promise<void> {
  return openForm(request, 'Edit source', async () => {
    const { ctx, account } = await find();
    const {
      _id: id,
      location,
      name,
      everyHours,
      silentDays,
      restated,
      files,
      mappingId,
    } = await findSource(ctx, account, which);
    boxOrRefuse(toolsOf(deps).box);
    const { kind } = location;
    const texts = Object.entries(location).flatMap(([field, value]) =>
      typeof value === 'string' ? [[field, value]] : [],
    );
    return formFor(ctx, originOf(request, { account, more: { kind, source: id } }), {
      ...{ name, everyHours, silentDays, restated, files, mapping: mappingId ?? null },
      pathStyle: location.kind === 's3' && location.pathStyle ? [PATH_STYLE.value] : [],
      fields: Object.fromEntries(texts),
    });
  });
}

export function registerSourceForm(app: SlackApp, deps: Deps): void {
  for (const kind of SOURCE_KINDS) {
    onAction(app, `${SOURCE_ADD}.${kind}`, (request, action) =>
      openSourceForm(request, deps, kind, accountOfButton(deps, request, action)),
    );
  }
  onAction(app, SOURCE_EDIT, (request, action) =>
    openEditForm(request, deps, readTarget(action.value).name, accountOfButton(deps, request, action)),
  );
  onForm<Typed>(app, deps, SOURCE_FORM, {
    title: titleOf,
    parse(values, origin) {
      const fields = Object.fromEntries(
        SOURCE_FIELDS[kindOf(origin)].map(({ id }) => [id, typeof values[id] === 'string' ? values[id] : '']),
      );
      const parsed = typedSchema.safeParse({ ...values, fields });
      if (parsed.success) return { ok: parsed.data };
      return { errors: Object.fromEntries(parsed.error.issues.map(({ path, message }) => [String(path[0]), message])) };
    },
    // what is secret has to be typed again: it isn’t sent back to Slack
    again: (typed, origin, fault, ctx) => formFor(ctx, origin, typed, fault),
    async work(ctx, typed, origin) {
      await admit(ctx, origin.account, 'issue');
      const { source: id } = origin.more;
      if (id !== undefined) {
        return editedText(await editSource(ctx, toolsOf(deps), { ...sourceIn(typed, origin), id }));
      }
      const { name } = await addSource(ctx, toolsOf(deps), sourceIn(typed, origin));
      return `Connected *${escapeMrkdwn(name)}*. It’s being read for the first time now. Type \`/billing source list\` to see the result.`;
    },
  });
}

function editedText({ name, hasChanged, isRead, hasOtherMapping }: SourceEdit): string {
  const source = `*${escapeMrkdwn(name)}*`;
  if (!hasChanged) return `${source} stays as it is: you changed nothing.`;
  const next = isRead ? 'It’s being read now.' : 'It’s paused, so it isn’t read yet.';
  const mapping = hasOtherMapping
    ? ' Its mapping applies to new files. Months that are already imported stay as they are until newer files come.'
    : '';
  return `Saved the changes to ${source}. ${next}${mapping}`;
}

async function formFor(ctx: Ctx, origin: Origin, filled: Partial<Typed>, fault?: string): Promise<ModalView> {
  const mappings = await listMappings(ctx, origin.account);
  return sourceForm(origin, { filled, mappings, ...(fault !== undefined && { fault }) });
}

function sourceIn({ fields, pathStyle, mapping, ...typed }: Typed, origin: Origin): NewSource {
  const isPathStyle = pathStyle.includes(PATH_STYLE.value);
  return {
    ...{ accountId: origin.account, kind: kindOf(origin), ...typed, mappingId: mapping },
    typed: { ...fields, pathStyle: String(isPathStyle) },
  };
}
