import type { KnownBlock, ModalView } from '@slack/types';
import type { z } from 'zod';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, modal, section } from '../../src/slack/blocks/blocks.ts';
import { LIMITS } from '../../src/slack/limits/limits.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import type { Origin } from './origin.ts';

/** A form's second step, which shows the amount that was read before it takes effect (domain.md, Money 10). */
export interface Confirmation<T> {
  /** Reads the typed values from the metadata, where they are kept as JSON until they are confirmed. */
  readonly kept: z.ZodType<T>;
  /** The confirm button: a verb and a noun. */
  readonly submit: string | ((origin: Origin) => string);
  /**
   * What is about to happen, with each amount as it was read, as mrkdwn or as blocks. Changes nothing.
   *
   * @throws {Refusal} what the change itself would throw
   */
  text(ctx: Ctx, value: T, origin: Origin, request: RequestContext): Promise<string | readonly KnownBlock[]>;
  /** The form again with what was typed, for a person who goes back. */
  back(value: T, origin: Origin, ctx: Ctx, request: RequestContext): ModalView | Promise<ModalView>;
}

export interface ConfirmationModal {
  /** The form's callback ID: the form's own listener handles the confirmation. */
  readonly callbackId: string;
  readonly title: string;
  readonly submit: string;
  readonly text: string | readonly KnownBlock[];
  readonly origin: Origin;
  readonly typed: unknown;
}

/** The button that shows the form again. */
export function backAction(callbackId: string): string {
  return `${callbackId}.back`;
}

export function confirmationModal({ callbackId, title, submit, text, origin, typed }: ConfirmationModal): ModalView {
  return modal({
    title,
    callbackId,
    submit,
    close: 'Cancel',
    metadata: metadataOf(origin, typed),
    blocks: [...(typeof text === 'string' ? [section(text)] : text), actions([button('Back', backAction(callbackId))])],
  });
}

/** An error at the longest field if a form is too long to be kept by Slack for a confirmation. */
export function lengthErrors(origin: Origin, typed: unknown, values: FormValues): Record<string, string> | undefined {
  const tooMany = metadataOf(origin, typed).length - LIMITS.view.privateMetadata;
  if (tooMany <= 0) return undefined;
  const [longest = ''] = Object.keys(values).sort((a, b) => lengthOf(values[b]) - lengthOf(values[a]));
  return { [longest]: `This text is too long. Shorten it by at least ${tooMany} characters.` };
}

function metadataOf(origin: Origin, typed: unknown): string {
  return JSON.stringify({ ...origin, typed });
}

function lengthOf(value: FormValues[string] | undefined): number {
  return typeof value === 'string' ? value.length : 0;
}
