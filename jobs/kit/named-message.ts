import { distinguishingName } from '../../src/services/notices/notice-facts.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { withAccount } from '../../views/notices/message.ts';

/** A message about an account, with its name if the workspace has several accounts. */
export async function namedMessage(accountId: string, message: Message): Promise<Message> {
  return withAccount(message, { accountName: await distinguishingName(accountId) });
}
