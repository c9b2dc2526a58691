import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KnownBlock } from '@slack/types';
import { context, home, imageElement, modal, section, slackImage } from '../../../src/slack/blocks/blocks.ts';
import { Messenger } from '../../../src/slack/web-api/messenger.ts';
import { type Bench, FINANCE, FINN, GENERAL, makeBench, OLGA, refused } from './support.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const IMAGE = { name: 'totals.png', content: PNG, altText: 'Totals' };
let bench: Bench;

beforeEach(async () => {
  bench = await makeBench((app) => {
    app.command('/demo', async ({ ack, client, command }) => {
      await ack();
      const view = modal({ title: 'Picture', blocks: [slackImage(command.text, 'Totals')] });
      await client.views.open({ trigger_id: command.trigger_id, view });
    });
  });
});
afterEach(() => bench.stop());

const seen = async (file: string, as: string) => {
  const answer = await fetch(`${bench.workspace.url}/-/file/${file}?as=${as}`);
  return answer.ok ? Buffer.from(await answer.arrayBuffer()).equals(PNG) : answer.status;
};

describe('an image that only the app has', () => {
  it('is visible to those who see its modal, while it is open', async () => {
    const id = await new Messenger(bench.client).uploadImage(IMAGE);
    const olga = bench.workspace.as(OLGA);
    expect(await seen(id, OLGA)).toBe(404);
    await olga.command(GENERAL, `/demo ${id}`);
    expect((await olga.waitForView('Picture')).blocks[0]).toMatchObject({ slack_file: { id }, alt_text: 'Totals' });
    expect([await seen(id, OLGA), await seen(id, FINN)]).toEqual([true, 404]);
    await olga.close();
    expect(await seen(id, OLGA)).toBe(404);
  });

  it.each<[string, (id: string) => KnownBlock]>([
    ['a block', (id) => slackImage(id, 'Totals')],
    ['an accessory', (id) => section('x', { accessory: { type: 'image', slack_file: { id }, alt_text: 'Totals' } })],
    ['small print', (id) => context({ type: 'image', slack_file: { id }, alt_text: 'Totals' })],
    ['a block that names its address', (id) => ({ type: 'image', slack_file: { url: urlOf(id) }, alt_text: 'Totals' })],
  ])('is visible in messages and on Home as %s', async (_name, block) => {
    const id = await new Messenger(bench.client).uploadImage(IMAGE);
    await bench.client.chat.postMessage({ channel: FINANCE, text: 'Totals', blocks: [block(id)] });
    expect([await seen(id, FINN), await seen(id, OLGA)]).toEqual([true, 404]);
    await bench.client.views.publish({ user_id: OLGA, view: home([block(id)]) });
    expect(await seen(id, OLGA)).toBe(true);
  });

  it('is rejected before Slack has processed it, and so are other files and missing ones', async () => {
    const { client } = bench;
    const post = (id: string) =>
      client.chat.postMessage({ channel: GENERAL, text: 'x', blocks: [slackImage(id, 'x')] });
    const none = await refused(post('F0NOTHING1'));
    expect(none).toMatchObject({
      error: 'invalid_blocks',
      response_metadata: { messages: ['[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]'] },
    });
    const { files } = await client.filesUploadV2({ file_uploads: [{ file: PNG, filename: 'a.png' }] });
    const id = files[0]?.files?.[0]?.id ?? '';
    expect((await refused(post(id))).error).toBe('invalid_blocks');
    while (!(await client.files.info({ file: id })).file?.mimetype) expect(id).toMatch(/^F/);
    await expect(post(id)).resolves.toMatchObject({ ok: true });
    const csv = await bench.workspace.as(OLGA).upload(GENERAL, 'costs.csv', 'a,b');
    expect((await refused(post(csv.id))).error).toBe('invalid_blocks');
    const view = home([context(imageElement('https://a.example/a.png', 'x')), slackImage('F0NOTHING1', 'x')]);
    expect((await refused(client.views.publish({ user_id: OLGA, view }))).response_metadata?.messages).toEqual([
      '[ERROR] invalid slack file [json-pointer:/view/blocks/1/slack_file]',
    ]);
  });
});

function urlOf(id: string): string {
  return bench.workspace.state.files.get(id)?.url_private ?? '';
}
