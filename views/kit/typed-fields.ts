import { z } from 'zod';

/** What was typed into an optional text field, without spaces around it. Empty if it was left empty. */
export const typedText = z
  .string()
  .nullable()
  .transform((text) => text?.trim() ?? '');

/** What was chosen in a menu for several items, or in checkboxes. */
export const chosenItems = z
  .array(z.string())
  .nullish()
  .transform((all) => all ?? []);
