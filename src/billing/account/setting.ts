import { z } from 'zod';
import { cleanName, nameLength } from '../group/names.ts';

/**
 * The kind of a setting, which decides how the form asks for it, how a command reads it and how it is stored: a line of
 * text, several lines, a whole number, a list of days, yes or no, a channel, a choice from a long list, a choice from a
 * short list, or a picture.
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

/** A setting of an account: everything the form, the subcommand, the store and the event log need to know about it. */
export interface Setting {
  readonly kind: SettingKind;
  /** The section of the form. */
  readonly section: SettingSection;
  /** Cleans and checks a value. Its output is the stored type (domain.md, Entities). */
  readonly schema: z.ZodType;
  /** The value for accounts stored before this setting existed. Required for new settings. */
  readonly initial?: string | number | boolean | readonly number[];
  /** The name used in events, their before and after values, and refusals. */
  readonly logName: string;
  /** The form's label. For yes or no: the statement to agree with. */
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  /** The maximum length of the form's input. */
  readonly maxLength?: number;
  /** Whether the form requires it. */
  readonly isRequired?: true;
  /** For yes or no: the group of checkboxes. Settings with the same group share it. */
  readonly block?: { readonly id: string; readonly label: string; readonly hint: string };
  /** For a choice: the values, with their names. */
  readonly choices?: Readonly<Record<string, string>>;
  /**
   * The label for people who can't change it. If absent, it isn't shown to them, or is shown as part of another
   * setting.
   */
  readonly fact?: string;
  /** The word for it in `/billing settings`. If absent, it can only be changed in the form. */
  readonly word?: string;
  /** Whether `none` clears it. */
  readonly isEmptiable?: true;
  /** Whether it affects the tax of open invoices. */
  readonly isTaxed?: true;
}

/** A line of text, measured in characters as people count them. */
export function lineOf(limit: number, noun: string) {
  return z
    .string()
    .transform(cleanName)
    .refine((value) => nameLength(value) <= limit, `${noun} can have at most ${limit} characters.`);
}

/** A whole number in the range, both ends included. */
export function wholeNumber(least: number, most: number) {
  const sentence = `Enter a whole number from ${least} to ${most}.`;
  return z.number(sentence).int(sentence).min(least, sentence).max(most, sentence);
}

/** A Slack channel ID, or null for none. */
export const channelSchema = z.string().min(1).nullable();
