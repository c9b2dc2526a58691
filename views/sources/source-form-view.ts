import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
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
import {
  type Choice,
  checkboxes,
  input,
  radioButtons,
  staticSelect,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { count } from '../kit/figures.ts';
import { formModal } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { chosenItems, typedText } from '../kit/typed-fields.ts';
import { SOURCE_FIELDS, type SourceField } from './source-fields.ts';

export const SOURCE_FORM = 'source.form';
const TITLES: Readonly<Record<SourceKind, string>> = {
  s3: 'Add S3 bucket',
  azure: 'Add Azure container',
  https: 'Add HTTPS URL',
  folder: 'Add folder',
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
const KEPT = 'Leave empty to keep the stored one. It has to be entered again if the server’s address changes.';
/** For recognizing files by their columns. */
const ANY_MAPPING = 'any';
/** A menu's limit, without the first choice. */
const MOST_MAPPINGS = 99;
export const PATH_STYLE: Choice = { value: 'true', text: 'The bucket is part of the path (MinIO and others)' };

/** What a person has typed into the form. */
export const typedSchema = z.object({
  ...{ name: typedText, everyHours: z.coerce.number(), restated: z.enum(RESTATED_RULES) },
  files: z
    .enum(FILES_RULES)
    .nullish()
    .transform((rule) => rule ?? 'together'),
  silentDays: typedText.transform((text) => (text === '' ? DEFAULT_SILENT_DAYS : Number(text))),
  pathStyle: chosenItems,
  mapping: z
    .string()
    .nullish()
    .transform((id) => (id == null || id === ANY_MAPPING ? null : id)),
  fields: z.record(z.string(), z.string()),
});
export type Typed = z.infer<typeof typedSchema>;

/** The kind of source that a form is about. */
export function kindOf({ more }: Origin): SourceKind {
  return SOURCE_KINDS.find((kind) => kind === more.kind) ?? 's3';
}

/** The title of a form for a new source, or for one that is there. */
export function titleOf(origin: Origin): string {
  return origin.more.source === undefined ? TITLES[kindOf(origin)] : 'Edit source';
}

export interface FormContent {
  /** What the fields have. Secrets aren't shown. */
  readonly filled: Partial<Typed>;
  readonly mappings: readonly { readonly id: string; readonly name: string }[];
  readonly fault?: string;
}

/** The form for a source, new or not. */
export function sourceForm(origin: Origin, { filled, mappings, fault }: FormContent): ModalView {
  const kind = kindOf(origin);
  const isEdited = origin.more.source !== undefined;
  const initial = (choices: readonly Choice[], value: string) => choices.find((one) => one.value === value);
  return formModal({
    title: titleOf(origin),
    callbackId: SOURCE_FORM,
    submit: isEdited ? 'Save changes' : 'Connect source',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      input(
        'name',
        'Name',
        textInput('source.form.name', { initial: filled.name, maxLength: MAX_SOURCE_NAME, placeholder: 'AWS' }),
      ),
      ...SOURCE_FIELDS[kind].map((field) => fieldInput(field, { typed: filled.fields?.[field.id], isEdited })),
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
      ...(mappings.length === 0 ? [] : [mappingInput(mappings, { chosen: filled.mapping, isEdited })]),
      input(
        'silentDays',
        'Notify if nothing new comes for (days)',
        textInput('source.form.silent', { initial: String(filled.silentDays ?? DEFAULT_SILENT_DAYS), maxLength: 2 }),
      ),
    ],
  });
}

function fieldInput(
  { id, label, hint, placeholder, isOptional, isSecret }: SourceField,
  { typed = '', isEdited }: { readonly typed: string | undefined; readonly isEdited: boolean },
): KnownBlock {
  // what follows the question mark of a URL is as secret as a key
  const shown = id === 'url' ? typed.replace(/[?#].*$/s, '') : isSecret ? '' : typed;
  const element = textInput(`${SOURCE_FORM}.${id}`, {
    ...(shown !== '' && { initial: shown }),
    maxLength: 3000,
    ...(placeholder && { placeholder }),
  });
  const isKept = isEdited && isSecret && id !== 'url';
  return input(id, label, element, {
    hint: isKept ? KEPT : hint,
    ...((isOptional || isKept) && { optional: true }),
  });
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

function mappingInput(
  mappings: FormContent['mappings'],
  { chosen = null, isEdited }: { readonly chosen: string | null | undefined; readonly isEdited: boolean },
): KnownBlock {
  const later = isEdited
    ? ' If you change it, months that are already imported stay as they are until newer files come.'
    : '';
  const own = mappings.slice(0, MOST_MAPPINGS).map(({ id, name }) => ({ value: id, text: name }));
  const choices: readonly Choice[] = [{ value: ANY_MAPPING, text: 'Recognize files by their columns' }, ...own];
  const initial = choices.find(({ value }) => value === chosen) ?? choices[0];
  return input('mapping', 'Mapping', staticSelect('source.form.mapping', choices, { initial }), {
    hint: `For files that are neither FOCUS nor an export of AWS, Azure, Google Cloud or Oracle Cloud.${later}`,
  });
}
