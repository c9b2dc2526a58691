import { z } from 'zod';
import { cleanName, nameLength } from '../group/names.ts';

/**
 * How a form asks for a setting, a command reads it and the database keeps it: a line of text, lines, a whole number, a
 * list of days, yes or no, a channel, one of a long list, one of a few choices, or a picture.
 */
export type SettingKind =
  | 'line'
  | 'lines'
  | 'number'
  | 'days'
  | 'yes'
  | 'channel'
  | 'currency'
  | 'time_zone'
  | 'country'
  | 'choice'
  | 'logo';

export type SettingSection = 'account' | 'seller' | 'invoices' | 'moves';

/** A setting of an account: all that the form, the subcommand, the store and the event log go by. */
export interface Setting {
  readonly kind: SettingKind;
  /** Where the form has it. */
  readonly section: SettingSection;
  /** Cleans and checks a value; its output is the type that is stored (domain.md, Entities). */
  readonly schema: z.ZodType;
  /** For accounts that were stored before there was this setting. New settings have it. */
  readonly initial?: string | number | boolean | readonly number[];
  /** As events, their before and after, and refusals name it. */
  readonly logName: string;
  /** The form's. Of yes or no: what the person states. */
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  /** Of what can be typed into the form. */
  readonly maxLength?: number;
  /** The form can't be saved without it. */
  readonly isRequired?: true;
  /** Of yes or no: the block of check boxes. Settings with the same block share it. */
  readonly block?: { readonly id: string; readonly label: string; readonly hint: string };
  /** Of a choice: the values, with their names. */
  readonly choices?: Readonly<Record<string, string>>;
  /** Its label for people who can't change it; absent: not shown to them, or shown together with another. */
  readonly fact?: string;
  /** What is typed for it in `/billing settings`; absent: the form is the one place. */
  readonly word?: string;
  /** `none` empties it. */
  readonly isEmptiable?: true;
  /** Open invoices are taxed by it. */
  readonly isTaxed?: true;
}

/** A line of text, counted in characters as people count them. */
export function lineOf(limit: number, noun: string) {
  return z
    .string()
    .transform(cleanName)
    .refine((value) => nameLength(value) <= limit, `${noun} can have at most ${limit} characters.`);
}

/** A whole number of the range, both ends included. */
export function wholeNumber(least: number, most: number) {
  const sentence = `Enter a whole number from ${least} to ${most}.`;
  return z.number(sentence).int(sentence).min(least, sentence).max(most, sentence);
}

/** Slack's ID of a channel; null for none. */
export const channelSchema = z.string().min(1).nullable();
