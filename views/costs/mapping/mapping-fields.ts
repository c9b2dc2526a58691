import { z } from 'zod';
import {
  COLUMN_NAME_LIMIT,
  DATE_FORMATS,
  ENCODINGS,
  MAX_TAG_COLUMNS,
  NUMBER_FORMATS,
} from '../../../src/billing/cost/cost-mapping.ts';
import type { ChosenColumns, MappingDraft } from '../../../src/services/costs/mappings/mapping-draft.ts';
import type { FormValues } from '../../../src/slack/requests/form-values.ts';

/** A column by its place in the file, since Slack keeps few characters with a form. */
const place = z.string().max(80);
const maybePlace = place.nullable();

/** What a person has chosen in the form. */
export const typedSchema = z.object({
  name: z.string().max(COLUMN_NAME_LIMIT * 2),
  amount: place,
  numberFormat: z.enum(NUMBER_FORMATS),
  currency: maybePlace,
  fixedCurrency: z.string().nullable(),
  date: maybePlace,
  dateFormat: z.enum(DATE_FORMATS).nullable(),
  lastDay: maybePlace,
  month: z.string().nullable(),
  project: maybePlace,
  projectName: maybePlace,
  service: maybePlace,
  description: maybePlace,
  payer: maybePlace,
  tags: z.array(place).max(MAX_TAG_COLUMNS, `Choose at most ${MAX_TAG_COLUMNS} columns.`),
  encoding: z.enum(ENCODINGS),
  // files of a source always replace what it delivered before
  replace: z
    .enum(['add', 'replace'])
    .nullish()
    .transform((mode) => mode ?? 'replace'),
});
export type Typed = z.infer<typeof typedSchema>;

/** The form's values as they come from Slack. */
export function typedIn(values: FormValues): z.ZodSafeParseResult<Typed> {
  const empty = Object.fromEntries(Object.keys(typedSchema.shape).map((field) => [field, null]));
  const text = (field: string) => (typeof values[field] === 'string' ? values[field].trim() : '');
  const typed = { name: text('name'), month: text('month') || null, tags: values.tags ?? [] };
  return typedSchema.safeParse({ ...empty, ...values, ...typed });
}

/** The choices with the columns' names. */
export function chosenFrom({ replace: _replace, ...typed }: Typed, header: readonly string[]): ChosenColumns {
  const named = (at: string) => header[Number(at)] ?? '';
  const maybe = (at: string | null) => (at === null ? null : named(at));
  return {
    ...typed,
    amount: named(typed.amount),
    currency: maybe(typed.currency),
    date: maybe(typed.date),
    lastDay: maybe(typed.lastDay),
    project: maybe(typed.project),
    projectName: maybe(typed.projectName),
    service: maybe(typed.service),
    description: maybe(typed.description),
    payer: maybe(typed.payer),
    tags: typed.tags.map(named),
  };
}

/** Proposed choices by the columns' places. */
export function typedFrom({ header, proposed }: MappingDraft): Partial<Typed> {
  const at = (column: string | null | undefined) => {
    const found = header.indexOf(column ?? '');
    return found < 0 ? null : String(found);
  };
  const amount = at(proposed.amount);
  const { name, numberFormat, fixedCurrency, dateFormat, month, encoding } = proposed;
  return {
    ...(name !== undefined && { name }),
    ...(amount !== null && { amount }),
    ...(numberFormat !== undefined && { numberFormat }),
    ...(encoding !== undefined && { encoding }),
    ...{ fixedCurrency: fixedCurrency ?? null, dateFormat: dateFormat ?? null, month: month ?? null },
    ...{ currency: at(proposed.currency), date: at(proposed.date), lastDay: at(proposed.lastDay) },
    ...{ project: at(proposed.project), projectName: at(proposed.projectName), service: at(proposed.service) },
    ...{ description: at(proposed.description), payer: at(proposed.payer) },
    tags: (proposed.tags ?? []).flatMap((tag) => at(tag) ?? []),
  };
}
