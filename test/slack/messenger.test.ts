import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LocalWorkspace } from '../../src/local/workspace/index.ts';
import { slackImage } from '../../src/slack/blocks/blocks.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { GENERAL, makeClient, makeWorkspace, OLGA, refusal } from '../local/workspace/support.ts';

const IMAGE = { name: 'totals.png', content: Buffer.from('89504e470d0a1a0a', 'hex'), altText: 'x'.repeat(2_000) };
let workspace: LocalWorkspace | undefined;

const started = async (processingMs: number) => {
  workspace = await makeWorkspace({ timing: { processingMs } });
  const client = makeClient(workspace);
  return { client, messenger: new Messenger(client), workspace };
};

afterEach(() => workspace?.stop());
beforeEach(() => {
  workspace = undefined;
});

describe('an image', () => {
  it.each([0, 300])('can be shown when its upload returns, even if Slack takes %i ms to process it', async (ms) => {
    const { client, messenger, workspace: there } = await started(ms);
    const id = await messenger.uploadImage(IMAGE);
    await client.chat.postMessage({ channel: GENERAL, text: 'Totals', blocks: [slackImage(id, 'Totals')] });
    expect(there.as(OLGA).messages(GENERAL)[0]?.blocks?.[0]).toMatchObject({ slack_file: { id } });
    expect((await there.fileBytes(id))?.equals(IMAGE.content)).toBe(true);
    // only the app has it
    expect(there.state.files.get(id)?.channels).toEqual([]);
  });

  it('that Slack doesn’t process in time is an error', async () => {
    const { messenger } = await started(60_000);
    await expect(messenger.uploadImage(IMAGE)).rejects.toThrow('didn’t process it in time');
  });

  it('that Slack doesn’t accept is an error', async () => {
    const { messenger, workspace: there } = await started(0);
    there.faults.next({ method: 'files.completeUploadExternal', kind: 'error', error: 'fatal_error' });
    expect(await refusal(messenger.uploadImage(IMAGE))).toBe('fatal_error');
  });
});
