import type { KnownBlock } from '@slack/types';
import type { Admission } from '../../src/services/access/admission.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { linkTo } from '../../src/services/kit/links.ts';
import { context } from '../../src/slack/blocks/blocks.ts';
import { link } from '../../src/slack/blocks/mrkdwn.ts';

/** An object's address, to be copied; nothing if this app has no public address. Slack offers no button that copies. */
export function linkBlocks({ linkBase, known }: Ctx & { readonly known: Admission }, id: string): KnownBlock[] {
  if (linkBase === undefined) return [];
  const { _id: accountId, teamId } = known.account;
  const url = linkTo(linkBase, { teamId, accountId, id });
  return [context(`Link: ${link(url, url)}`)];
}
