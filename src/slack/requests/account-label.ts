import type { types } from '@slack/bolt';
import type { Logger } from '../../platform/logger.ts';
import { nameMessage, nameModal } from '../blocks/account-name.ts';
import { within } from './deadline.ts';
import type { Reply } from './reply.ts';

/** An account of a person. */
export interface NamedAccount {
  readonly id: string;
  readonly name: string;
}

/** Finds the accounts that a person has access to. It may return none for a person with only one. */
export type FindAccounts = (teamId: string, userId: string) => Promise<readonly NamedAccount[]>;

/** An answer without the account's name is better than none. */
const LOOKUP_MS = 500;
/** An account's ID in a button's value or a view's metadata. */
const ACCOUNT_ID = /\bacc_[\w-]+/;

/**
 * The account that the answers to a request are about. People with several accounts see its name in every answer;
 * others don't.
 */
export class AccountLabel {
  private readonly find: () => Promise<readonly NamedAccount[]>;
  private readonly log: Logger;
  /** What the request carries: a button's value, a view's metadata. */
  private readonly carried: string;
  private accounts: Promise<readonly NamedAccount[]> | undefined;
  private entered: string | undefined;

  constructor(of: { find: () => Promise<readonly NamedAccount[]>; log: Logger; carried: string }) {
    this.find = of.find;
    this.log = of.log;
    this.carried = of.carried;
  }

  /** Notes the account that the person was last admitted to. */
  enter(accountId: string): void {
    this.entered = accountId;
  }

  /** Notes the person's accounts, so that they aren't looked up. */
  know(accounts: readonly NamedAccount[]): void {
    this.accounts = Promise.resolve(accounts);
  }

  /** A message with the account's name above it, and in its confirmation dialogs. */
  async reply(reply: Reply): Promise<Reply> {
    const name = await this.name();
    return name === undefined ? reply : nameMessage(reply, name);
  }

  /** A modal with the account's name above its content, and in its confirmation dialogs. */
  async modal(view: types.ModalView): Promise<types.ModalView> {
    const name = await this.name(view.private_metadata);
    return name === undefined ? view : nameModal(view, name);
  }

  /** A line of plain text with the account's name, such as a file's comment; mrkdwn. */
  async line(text: string): Promise<string> {
    return (await this.reply({ text })).text;
  }

  /** Undefined if the person has only one account, or none of theirs is named anywhere. */
  private async name(metadata = ''): Promise<string | undefined> {
    const all = await this.known();
    if (all.length < 2) return undefined;
    const ids = [idIn(metadata), this.entered, idIn(this.carried)];
    return ids.flatMap((id) => all.find((one) => one.id === id) ?? [])[0]?.name;
  }

  private async known(): Promise<readonly NamedAccount[]> {
    this.accounts ??= this.lookUp();
    const asked = this.accounts;
    try {
      return await within(
        LOOKUP_MS,
        () => asked,
        () => new Error(`no accounts within ${LOOKUP_MS} ms`),
      );
    } catch (error) {
      this.log.warn({ err: error }, 'an answer doesn’t name its account, which could not be looked up');
      return [];
    }
  }

  /** Remembers only a success, so that a later answer can name the account. */
  private async lookUp(): Promise<readonly NamedAccount[]> {
    try {
      return await this.find();
    } catch (error) {
      this.accounts = undefined;
      throw error;
    }
  }
}

function idIn(text: string): string | undefined {
  return ACCOUNT_ID.exec(text)?.[0];
}
