import { expect } from '@jest/globals';
import { checkBlocks, checkView, type Message, type View } from '../../../src/local/workspace/index.ts';
import { FINANCE, type Product } from '../product.ts';

type Values = Parameters<ReturnType<Product['workspace']['as']>['submit']>[1];

/** How every confirmation of an amount starts. */
export const CONFIRMATION = 'You’re about to';

/** A person's actions in a test. Each waits for the product's answer and checks it against Slack's limits. */
export function driving(product: () => Product) {
  const as = (user: string) => product().workspace.as(user);

  /** Types a command and waits for the private answer. */
  async function ask(user: string, line: string): Promise<Message> {
    const before = as(user).ephemerals(FINANCE).length;
    const { ack } = await as(user).command(FINANCE, line);
    expect(ack.status).toBe(200);
    await as(user).waitFor(() => as(user).ephemerals(FINANCE).length > before);
    const answer = as(user).ephemerals(FINANCE).at(-1);
    if (!answer) throw new Error('no answer');
    expect(checkBlocks('message', answer.blocks ?? [])).toEqual([]);
    return answer;
  }

  /** The top modal once it contains these words, within Slack's limits. */
  async function modalSaying(user: string, words: string): Promise<View> {
    const view = await as(user).waitFor(() => {
      const top = as(user).openedView();
      return top && said(top).includes(words) ? top : undefined;
    });
    expect(checkView('modal', { ...view })).toEqual([]);
    return view;
  }

  /** Types a command that opens a modal, and waits until it contains these words. */
  async function open(user: string, line: string, words: string): Promise<View> {
    await as(user)
      .close(true)
      .catch(() => []);
    await as(user).command(FINANCE, line);
    return modalSaying(user, words);
  }

  /** Clicks in the top modal, and waits until the top modal contains these words. */
  async function clickFor(user: string, actionId: string, words: string, value?: string): Promise<View> {
    const view = as(user).openedView();
    if (!view) throw new Error('no modal is open');
    await as(user).click({ view, actionId, ...(value !== undefined && { value }) });
    return modalSaying(user, words);
  }

  /** Submits the top modal, and waits until the top modal contains these words. */
  async function submitFor(user: string, values: Values, words: string): Promise<View> {
    const view = as(user).openedView();
    if (!view) throw new Error('no modal is open');
    await as(user).submit(view, values);
    return modalSaying(user, words);
  }

  /**
   * Submits the top form, confirms the amount that it then shows, and waits until the top modal contains these words.
   */
  async function confirmFor(user: string, values: Values, amount: string, words: string): Promise<View> {
    const confirmation = await submitFor(user, values, CONFIRMATION);
    expect(said(confirmation)).toContain(amount);
    return submitFor(user, {}, words);
  }

  /** Submits the top modal with something invalid, and returns the errors under its fields. */
  async function errorsOf(user: string, values: Values): Promise<Record<string, string>> {
    const view = as(user).openedView();
    if (!view) throw new Error('no modal is open');
    const submission = await as(user).submit(view, values);
    expect(submission.outcome).toBe('errors');
    return 'errors' in submission ? submission.errors : {};
  }

  return { as, ask, open, modalSaying, clickFor, submitFor, confirmFor, errorsOf };
}

/** The whole text of a message or view. */
export function said(what: Message | View): string {
  return JSON.stringify(what.blocks ?? []) + ('text' in what ? what.text : '');
}
