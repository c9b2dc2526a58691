import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { mappingFaults } from '../../../src/billing/cost/cost-mapping.ts';
import {
  draftOf,
  importMapped,
  type MappedFile,
  tryMapping,
} from '../../../src/services/costs/mappings/mapping-draft.ts';
import type { ImportPreview } from '../../../src/services/costs/preview/import-preview.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { fileOfSource, mapSource } from '../../../src/services/sources/source-mapping.ts';
import type { SlackApp } from '../../../src/slack/app/app.ts';
import { onAction, onOptions } from '../../../src/slack/app/listeners.ts';
import { button, context, section } from '../../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../../src/slack/requests/caller.ts';
import { fieldErrors } from '../../../src/slack/requests/form-values.ts';
import { downloadSlackFile, fileInfo } from '../../../src/slack/web-api/files.ts';
import { readTarget, type Target, target } from '../../kit/action-target.ts';
import { currencyChoices } from '../../kit/choices.ts';
import { money } from '../../kit/figures.ts';
import { onForm, openForm, originOf } from '../../kit/form.ts';
import type { Origin } from '../../kit/origin.ts';
import { SOURCE_MAP, toolsOf } from '../../sources/source-kit.ts';
import { cut, listPart } from '../import-parts.ts';
import { previewBlocks } from '../import-preview.ts';
import { chosenFrom, type Typed, typedFrom, typedIn, typedSchema } from './mapping-fields.ts';
import { MAPPING_CURRENCY, MAPPING_FORM, MAPPING_TITLE, mappingForm } from './mapping-form.ts';

/** Opens the form for a file's columns. Its value is a target with account, file and name. */
export const MAPPING_OPEN = 'costs.map.open';

/** Slack's limit for a file. */
const MAX_BYTES = 1024 ** 3;
/** How many projects the preview lists. */
const PROJECTS_SHOWN = 10;

/** The button under a file whose columns a person can choose. */
export function mappingButton(about: Partial<Target>, text = 'Choose columns') {
  return button(text, MAPPING_OPEN, { value: target(about), style: 'primary' });
}

/** Registers the form for the columns of a file that isn't in a known layout. */
export function registerMappingOffer(app: SlackApp, deps: Deps): void {
  onAction(app, MAPPING_OPEN, (request, action) =>
    openForm(request, MAPPING_TITLE, async () => {
      const { account, file, name } = readTarget(action.value);
      const origin = originOf(request, { account, more: { file, name } }, action.view);
      const ctx = contextOf(deps, request);
      const draft = await draftOf(ctx, await fileOf(ctx, deps, request.client, origin));
      return mappingForm(origin, draft, typedFrom(draft));
    }),
  );
  onAction(app, SOURCE_MAP, (request, action) =>
    openForm(request, MAPPING_TITLE, async () => {
      const { account, name: source } = readTarget(action.value);
      const ctx = contextOf(deps, request);
      const file = await fileOfSource(ctx, toolsOf(deps), account, source);
      const draft = await draftOf(ctx, file);
      const origin = originOf(request, { account, more: { source, name: file.fileName } }, action.view);
      return mappingForm(origin, draft, { ...typedFrom(draft), ...(file.month && { month: file.month }) });
    }),
  );
  onOptions(app, MAPPING_CURRENCY, async (_request, { typed }) => currencyChoices(typed));
  onForm<Typed>(app, deps, MAPPING_FORM, {
    title: MAPPING_TITLE,
    parse(values) {
      const parsed = typedIn(values);
      if (!parsed.success) return { errors: fieldErrors(parsed.error, 'name') };
      const errors = mappingFaults(parsed.data);
      return Object.keys(errors).length > 0 ? { errors } : { ok: parsed.data };
    },
    async again(typed, origin, fault, ctx, request) {
      return mappingForm(origin, await draftOf(ctx, await fileOf(ctx, deps, request.client, origin)), typed, fault);
    },
    confirm: {
      kept: typedSchema,
      submit: 'Save and import',
      async text(ctx, typed, origin, request) {
        const file = await fileOf(ctx, deps, request.client, origin);
        const { header } = await draftOf(ctx, file);
        const preview = await tryMapping(ctx, file, chosenFrom(typed, header));
        return dryRunBlocks(origin, typed, preview);
      },
      async back(typed, origin, ctx, request) {
        return mappingForm(origin, await draftOf(ctx, await fileOf(ctx, deps, request.client, origin)), typed);
      },
    },
    async work(ctx, typed, origin, request) {
      const file = await fileOf(ctx, deps, request.client, origin);
      const { header } = await draftOf(ctx, file);
      const slack = { fileId: origin.more.file ?? '', channelId: origin.channel ?? '', threadTs: null };
      const chosen = chosenFrom(typed, header);
      const { source } = origin.more;
      if (source !== undefined) {
        const name = await mapSource(ctx, file, { id: source, chosen });
        return `Saved the mapping *${escapeMrkdwn(name)}*. Files of *${escapeMrkdwn(file.fileName)}* that were refused are read again now, unless it’s paused.`;
      }
      await importMapped(ctx, file, { chosen, replace: typed.replace === 'replace', slack });
      const name = `*${escapeMrkdwn(typed.name)}*`;
      return `${escapeMrkdwn(file.fileName)} is being imported. The result will be posted in the channel. Files with the same columns will be recognized as ${name}.`;
    },
  });
}

/** What importing the file would do, before anything is stored. */
function dryRunBlocks(origin: Origin, { replace }: Typed, preview: ImportPreview): KnownBlock[] {
  const projects = preview.projects.map(
    ({ project, currency, amount }) => `${cut(project)}: ${money(amount, currency)}`,
  );
  const mode =
    origin.more.source !== undefined
      ? 'Files of the source with these columns that were refused, or come from now on, will be read the same way, and replace what it delivered for their months.'
      : replace === 'replace'
        ? 'Earlier costs from these files will be replaced for the same months, once you’ve confirmed the changes.'
        : 'Only rows that haven’t been imported will be added.';
  return [
    section(`*${escapeMrkdwn(origin.more.name ?? '')}*`),
    ...previewBlocks(preview),
    ...listPart('By project', projects, PROJECTS_SHOWN),
    context(mode),
  ];
}

/** The file that a form is about: one in Slack, or one of a source. */
async function fileOf(ctx: Ctx, deps: Deps, client: WebClient, { account, more }: Origin): Promise<MappedFile> {
  if (more.source !== undefined) return fileOfSource(ctx, toolsOf(deps), account, more.source);
  return {
    accountId: account,
    fileName: more.name ?? '',
    open: async () => downloadSlackFile(client, await fileInfo(client, more.file ?? ''), { maxBytes: MAX_BYTES }),
  };
}
