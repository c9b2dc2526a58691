import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { Refusal } from '../../src/billing/refusal.ts';
import {
  DEFAULT_INTERVAL_HOURS,
  DEFAULT_SILENT_DAYS,
  FILES_RULES,
  MAX_SOURCE_NAME,
  RESTATED_RULES,
  SOURCE_INTERVALS,
  SOURCE_KINDS,
  type SourceKind,
} from '../../src/billing/source/source.ts';
import { admit } from '../../src/services/access/rights.ts';
import { boxOrRefuse } from '../../src/services/sources/source-secrets.ts';
import type { SourceTools } from '../../src/services/sources/source-storage.ts';
import { addSource, type NewSource } from '../../src/services/sources/sources.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  type Choice,
  checkboxes,
  input,
  radioButtons,
  staticSelect,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { accountOfButton, type FindAccount } from '../kit/account-modal.ts';
import { count } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { chosenItems, typedText } from '../kit/typed-fields.ts';
import { SOURCE_ADD } from './source-list.ts';

const FORM = 'source.form';
const TITLES: Readonly<Record<SourceKind, string>> = {
  s3: 'Add S3 bucket',
  azure: 'Add Azure container',
  https: 'Add HTTPS URL',
  folder: 'Add folder',
};

/** A field of a kind of source, by the name under which the service knows it. */
interface Field {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly placeholder?: string;
  readonly isOptional?: boolean;
  /** Never shown again, nor kept anywhere but encrypted. */
  readonly isSecret?: boolean;
}

const PREFIX: Field = {
  id: 'prefix',
  label: 'Prefix',
  hint: 'What the names of the export’s files begin with. Leave empty to use all files.',
  placeholder: 'exports/focus/',
  isOptional: true,
};
const FIELDS: Readonly<Record<SourceKind, readonly Field[]>> = {
  s3: [
    { id: 'bucket', label: 'Bucket', hint: 'Its name, without s3://.', placeholder: 'my-cost-exports' },
    PREFIX,
    {
      id: 'region',
      label: 'Region',
      hint: 'Leave empty for us-east-1.',
      placeholder: 'eu-central-1',
      isOptional: true,
    },
    {
      id: 'endpoint',
      label: 'Endpoint',
      hint: 'Only for services other than Amazon S3, such as https://storage.googleapis.com.',
      isOptional: true,
    },
    {
      id: 'accessKeyId',
      label: 'Access key ID',
      hint: 'Of a user that may list and read this bucket only. Leave empty to use the role of the app’s server.',
      isOptional: true,
      isSecret: true,
    },
    {
      id: 'secretAccessKey',
      label: 'Secret access key',
      hint: 'Stored encrypted, and never shown again.',
      isOptional: true,
      isSecret: true,
    },
  ],
  azure: [
    {
      id: 'endpoint',
      label: 'Address of the storage account',
      hint: 'The blob service endpoint of the storage account.',
      placeholder: 'https://NAME.blob.core.windows.net',
    },
    { id: 'container', label: 'Container', hint: 'Its name.', placeholder: 'cost-exports' },
    PREFIX,
    {
      id: 'sas',
      label: 'Shared access signature (SAS)',
      hint: 'For this container, with the permissions to read and list. Stored encrypted, and never shown again.',
      isOptional: true,
      isSecret: true,
    },
    {
      id: 'accountKey',
      label: 'Account key',
      hint: 'Instead of a shared access signature. It may do everything in the account, so a signature is safer.',
      isOptional: true,
      isSecret: true,
    },
  ],
  https: [
    {
      id: 'url',
      label: 'URL',
      hint: 'Of one file. What follows the question mark is stored encrypted, and never shown again.',
      placeholder: 'https://example.com/costs.csv.gz',
      isSecret: true,
    },
    {
      id: 'authorization',
      label: 'Authorization header',
      hint: 'If the server asks for one, such as Bearer followed by a token. Stored encrypted, and never shown again.',
      isOptional: true,
      isSecret: true,
    },
  ],
  folder: [
    {
      id: 'path',
      label: 'Folder',
      hint: 'Below the folder that the app’s server allows. Leave empty for that folder itself.',
      placeholder: 'aws/focus',
      isOptional: true,
    },
  ],
};

const INTERVALS: readonly Choice[] = SOURCE_INTERVALS.map((hours) => ({
  value: String(hours),
  text: hours === 1 ? 'Every hour' : `Every ${count(hours, 'hour')}`,
}));
const RESTATED: readonly Choice[] = [
  {
    value: 'replace',
    text: 'Replace costs automatically',
    description: 'Asks only if rows were rejected or costs fall by more than half',
  },
  { value: 'ask', text: 'Always ask first', description: 'Costs stay as they are until someone confirms' },
];
const FILES: readonly Choice[] = [
  { value: 'together', text: 'All files of a month together' },
  { value: 'newest', text: 'Only the newest file of a month', description: 'If each file contains the whole month' },
];
const PATH_STYLE: Choice = { value: 'true', text: 'The bucket is part of the path (MinIO and others)' };

const typedSchema = z.object({
  ...{ name: typedText, everyHours: z.coerce.number(), restated: z.enum(RESTATED_RULES) },
  files: z
    .enum(FILES_RULES)
    .nullish()
    .transform((rule) => rule ?? 'together'),
  silentDays: typedText.transform((text) => (text === '' ? DEFAULT_SILENT_DAYS : Number(text))),
  pathStyle: chosenItems,
  fields: z.record(z.string(), z.string()),
});
type Typed = z.infer<typeof typedSchema>;

/** What reads sources. @throws {Refusal} `secrets_key_missing` where this process can’t */
export function toolsOf({ sources }: Pick<Deps, 'sources'>): SourceTools {
  if (!sources) throw new Refusal('secrets_key_missing');
  return sources;
}

/** Opens the form for a new source of a kind, if the server can store its credentials. */
export function openSourceForm(
  request: RequestContext,
  deps: Deps,
  kind: SourceKind,
  find: FindAccount,
): Promise<void> {
  return openForm(request, TITLES[kind], async () => {
    const { ctx, account } = await find();
    await admit(ctx, account, 'issue');
    boxOrRefuse(toolsOf(deps).box);
    return form(originOf(request, { account, more: { kind } }), {});
  });
}

export function registerSourceForm(app: SlackApp, deps: Deps): void {
  for (const kind of SOURCE_KINDS) {
    onAction(app, `${SOURCE_ADD}.${kind}`, (request, action) =>
      openSourceForm(request, deps, kind, accountOfButton(deps, request, action)),
    );
  }
  onForm<Typed>(app, deps, FORM, {
    title: (origin) => TITLES[kindOf(origin)],
    parse(values, origin) {
      const fields = Object.fromEntries(
        FIELDS[kindOf(origin)].map(({ id }) => [id, typeof values[id] === 'string' ? values[id] : '']),
      );
      const parsed = typedSchema.safeParse({ ...values, fields });
      if (parsed.success) return { ok: parsed.data };
      return { errors: Object.fromEntries(parsed.error.issues.map(({ path, message }) => [String(path[0]), message])) };
    },
    // what is secret has to be typed again: it isn’t sent back to Slack
    again: (typed, origin, fault) => form(origin, typed, fault),
    async work(ctx, typed, origin) {
      await admit(ctx, origin.account, 'issue');
      const { name } = await addSource(ctx, toolsOf(deps), sourceIn(typed, origin));
      return `Connected *${escapeMrkdwn(name)}*. It’s being read for the first time now. Type \`/billing source list\` to see the result.`;
    },
  });
}

function sourceIn({ fields, pathStyle, ...typed }: Typed, origin: Origin): NewSource {
  const isPathStyle = pathStyle.includes(PATH_STYLE.value);
  return {
    ...{ accountId: origin.account, kind: kindOf(origin), ...typed },
    typed: { ...fields, pathStyle: String(isPathStyle) },
  };
}

function kindOf({ more }: Origin): SourceKind {
  return SOURCE_KINDS.find((kind) => kind === more.kind) ?? 's3';
}

function form(origin: Origin, filled: Partial<Typed>, fault?: string): ModalView {
  const kind = kindOf(origin);
  const initial = (choices: readonly Choice[], value: string) => choices.find((one) => one.value === value);
  return formModal({
    title: TITLES[kind],
    callbackId: FORM,
    submit: 'Connect source',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      input(
        'name',
        'Name',
        textInput('source.form.name', { initial: filled.name, maxLength: MAX_SOURCE_NAME, placeholder: 'AWS' }),
      ),
      ...FIELDS[kind].map((field) => fieldInput(field, filled.fields?.[field.id])),
      ...(kind === 's3' ? [pathStyleInput(filled.pathStyle)] : []),
      input(
        'everyHours',
        'Look for new files',
        staticSelect('source.form.every', INTERVALS, {
          initial: initial(INTERVALS, String(filled.everyHours ?? DEFAULT_INTERVAL_HOURS)),
        }),
      ),
      input(
        'restated',
        'If a month changes',
        radioButtons('source.form.restated', RESTATED, initial(RESTATED, filled.restated ?? 'replace')),
        {
          hint: 'Differences to issued invoices go on the next invoices as late costs.',
        },
      ),
      ...(kind === 'https' ? [] : [filesInput(filled.files)]),
      input(
        'silentDays',
        'Notify if nothing new comes for (days)',
        textInput('source.form.silent', { initial: String(filled.silentDays ?? DEFAULT_SILENT_DAYS), maxLength: 2 }),
      ),
    ],
  });
}

function fieldInput({ id, label, hint, placeholder, isOptional, isSecret }: Field, typed?: string): KnownBlock {
  const initial = isSecret || !typed ? {} : { initial: typed };
  const element = textInput(`source.form.${id}`, { ...initial, maxLength: 3000, ...(placeholder && { placeholder }) });
  return input(id, label, element, { hint, ...(isOptional && { optional: true }) });
}

function pathStyleInput(chosen: readonly string[] = []): KnownBlock {
  const initial = chosen.includes(PATH_STYLE.value) ? [PATH_STYLE] : [];
  return input('pathStyle', 'Addresses', checkboxes('source.form.path_style', [PATH_STYLE], initial), {
    optional: true,
  });
}

function filesInput(chosen: Typed['files'] = 'together'): KnownBlock {
  const initial = FILES.find(({ value }) => value === chosen);
  return input('files', 'Files without a manifest', radioButtons('source.form.files', FILES, initial), {
    hint: 'Exports of AWS and Azure have a manifest, which is recognized.',
  });
}
