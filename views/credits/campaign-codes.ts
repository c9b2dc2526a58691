import type { KnownBlock, ModalView } from '@slack/types';
import { csvHeading, csvRow } from '../../src/documents/csv/csv-row.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { context, modal, section } from '../../src/slack/blocks/blocks.ts';
import { code, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { count } from '../kit/figures.ts';

/** How many codes are shown. More are sent as a file. */
const MOST_SHOWN = 20;

/** Shows the codes. If there are too many for a modal, they are sent as a file by direct message. */
export async function codesModal(
  request: RequestContext,
  name: string,
  codes: readonly { code: string; claimsLeft: number }[],
): Promise<ModalView> {
  const shown = codes.slice(0, MOST_SHOWN).map((one) => `${code(one.code)} · ${count(one.claimsLeft, 'claim')} left`);
  const blocks: KnownBlock[] = [
    section(`*${escapeMrkdwn(name)}* · ${count(codes.length, 'code')}`),
    section(shown.join('\n')),
  ];
  if (codes.length > MOST_SHOWN) {
    await sendCodes(request, name, codes);
    blocks.push(context('I’ve sent you a file with all codes by direct message.'));
  }
  blocks.push(context('Anyone who can edit a billing group can claim them: `/billing credit claim CODE GROUP`.'));
  return modal({ title: 'Codes', close: 'Done', blocks });
}

async function sendCodes(
  request: RequestContext,
  name: string,
  codes: readonly { code: string; claimsLeft: number }[],
): Promise<void> {
  const channelId = await new Messenger(request.client).directMessages(request.userId);
  const rows = codes.map((one) => csvRow([one.code, String(one.claimsLeft)]));
  const file = `codes-${name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40)}.csv`;
  const content = [csvHeading(['code', 'claims_left']), ...rows].join('');
  await request.client.filesUploadV2({ channel_id: channelId, filename: file, title: file, content });
}
