import { afterEach, describe, expect, it } from '@jest/globals';
import { type Bench, FINANCE, FINN, freePort, GENERAL, makeBench, makeWorkspace, OLGA, section } from './support.ts';

const benches: { stop: () => Promise<void> }[] = [];
const bench = async (...args: Parameters<typeof makeBench>): Promise<Bench> => {
  const made = await makeBench(...args);
  benches.push(made);
  return made;
};

afterEach(async () => {
  await Promise.all(benches.splice(0).map((made) => made.stop()));
});

describe('a slash command', () => {
  it('reaches the app as a signed form, and shows the acknowledgement’s text only to the person', async () => {
    const seen: Record<string, string>[] = [];
    const { workspace } = await bench((app) => {
      app.command('/demo', async ({ command, ack }) => {
        seen.push({ ...command });
        await ack(`Hello, ${command.text}`);
      });
    });
    const { ack } = await workspace.as(OLGA).command(GENERAL, '/demo big  world ');
    expect(ack).toMatchObject({ status: 200, body: 'Hello, big  world' });
    expect(seen[0]).toMatchObject({ user_id: OLGA, user_name: 'olga', channel_name: 'general', team_domain: 'acme' });
    expect(
      workspace
        .as(OLGA)
        .ephemerals(GENERAL)
        .map((it) => it.text),
    ).toEqual(['Hello, big  world']);
    expect(workspace.as(FINN).ephemerals(GENERAL)).toEqual([]);
    expect(workspace.as(OLGA).messages(GENERAL)).toEqual([]);
  });

  it('is answered later through the response_url, for one person or all', async () => {
    const { workspace } = await bench((app) => {
      app.command('/demo', async ({ ack, respond }) => {
        await ack();
        await respond({ text: 'quietly', blocks: [section('quietly')] });
        await respond({ text: 'aloud', response_type: 'in_channel' });
      });
    });
    const olga = workspace.as(OLGA);
    const { ack } = await olga.command(GENERAL, '/demo');
    expect(ack).toMatchObject({ status: 200, body: '' });
    const loud = await olga.waitFor(() => olga.messages(GENERAL)[0]);
    expect(loud.text).toBe('aloud');
    expect(olga.ephemerals(GENERAL)[0]?.blocks?.[0]).toMatchObject(section('quietly'));
  });

  it('with a JSON acknowledgement for the channel is visible to all', async () => {
    const { workspace } = await bench((app) => {
      app.command('/demo', ({ ack }) => ack({ response_type: 'in_channel', text: 'for all' }));
    });
    await workspace.as(OLGA).command(GENERAL, '/demo');
    expect(
      workspace
        .as(FINN)
        .messages(GENERAL)
        .map((it) => it.text),
    ).toEqual(['for all']);
  });

  it('that the app doesn’t acknowledge in time shows the person an error', async () => {
    const { workspace } = await bench((app) => app.command('/demo', async () => undefined), { timing: { ackMs: 40 } });
    const { ack } = await workspace.as(OLGA).command(GENERAL, '/demo');
    expect(ack.error).toBe('operation_timeout');
    const [shown] = workspace.as(OLGA).ephemerals(GENERAL);
    expect(shown?.text).toBe('/demo failed with the error "operation_timeout"');
  });

  it('to an app that rejects the signature shows the person an error', async () => {
    const { workspace } = await bench(undefined, { signingSecret: 'another secret' });
    const { ack } = await workspace.as(OLGA).command(GENERAL, '/demo');
    expect(ack).toMatchObject({ status: 401, error: 'http_service_error' });
    expect(workspace.as(OLGA).ephemerals(GENERAL)[0]?.text).toContain('http_service_error');
  });

  it('to an app that isn’t running shows the person an error', async () => {
    const workspace = await makeWorkspace();
    benches.push(workspace);
    workspace.connectApp(`http://127.0.0.1:${await freePort()}/slack/events`);
    const { ack } = await workspace.as(OLGA).command(GENERAL, '/demo');
    expect(ack).toMatchObject({ status: 0, error: 'dispatch_failed' });
  });

  it('carries mentions and escapes when its manifest asks for them', async () => {
    const command = { command: '/demo', description: '', usage_hint: '' };
    for (const [escapes, text] of [
      [true, `&lt;b&gt; <@${FINN}|finn> <#${GENERAL}|general> @nobody`],
      [false, '<b> @finn #general @nobody'],
    ] as const) {
      const slashCommands = [{ ...command, should_escape: escapes }];
      const { workspace } = await bench((app) => app.command('/demo', ({ ack, command }) => ack(command.text)), {
        slashCommands,
      });
      const { ack } = await workspace.as(OLGA).command(GENERAL, '/demo <b> @finn #general @nobody');
      expect(ack.body).toBe(text);
    }
  });

  it('that is unknown isn’t sent', async () => {
    const { workspace } = await bench();
    await workspace.as(OLGA).command(GENERAL, '/dmeo');
    expect(workspace.deliveries).toHaveLength(0);
    expect(workspace.as(OLGA).ephemerals(GENERAL)[0]?.text).toContain('/dmeo is not a valid command');
  });

  it('can’t be typed in a channel the person isn’t in', async () => {
    const { workspace } = await bench();
    await expect(workspace.as(OLGA).command(FINANCE, '/demo')).rejects.toThrow('channel_not_found');
  });
});

describe('the app’s endpoint', () => {
  it('is verified by a challenge', async () => {
    const { workspace } = await bench();
    await expect(workspace.verifyApp()).resolves.toBeUndefined();
    const other = await bench(undefined, { signingSecret: 'another secret' });
    await expect(other.workspace.verifyApp()).rejects.toThrow('didn’t answer the challenge');
  });
});
