import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { type Assistant, connectAssistant } from '../support/api/assistant.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { storedAnomaly } from '../support/costs/stored-anomaly.ts';
import { useDatabase } from '../support/database/database.ts';
import { testLog } from '../support/slack/slack-app.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const { log, lines } = testLog();
let api: RunningApi;
let world: ApiWorld;
let reader: Assistant;
let writer: Assistant;

beforeAll(async () => {
  api = await startApi(clock, { log });
  world = await apiWorld(ctx);
  reader = await connectAssistant(api.url, world.read);
  writer = await connectAssistant(api.url, world.write);
  await storedAnomaly({ _id: 'anm_1', accountId: world.accountId, billingGroupId: `bg_${world.group}` });
});
afterAll(async () => {
  await reader.close();
  await writer.close();
  await api.stop();
});

const OCTOBER = { from: '2026-10-01', until: '2026-10-31' };

/** What each tool that reads is asked, and the API's answer to the same question. */
const QUESTIONS: Readonly<Record<string, () => { readonly input: Record<string, unknown>; readonly path: string }>> = {
  get_costs: () => ({
    input: { ...OCTOBER, by: 'service' },
    path: '/costs?from=2026-10-01&until=2026-10-31&by=service',
  }),
  compare_months: () => ({
    input: { month: '2026-11', project: 'p2' },
    path: '/comparison?month=2026-11&project=p2',
  }),
  forecast_month: () => ({
    input: { billing_group_id: world.group },
    path: `/forecast?billing_group_id=${world.group}`,
  }),
  list_anomalies: () => ({ input: { state: 'open' }, path: '/anomalies?limit=50&state=open' }),
  list_billing_groups: () => ({ input: {}, path: '/billing-group?limit=50' }),
  list_projects: () => ({ input: { limit: 1 }, path: '/projects?limit=1' }),
  list_group_projects: () => ({
    input: { billing_group_id: world.group },
    path: `/billing-group/${world.group}/projects?limit=50`,
  }),
  list_invoices: () => ({
    input: { state: 'estimate', period_from: '2026-11' },
    path: '/invoices?limit=50&state=estimate&period_from=2026-11',
  }),
  list_invoice_lines: () => ({
    input: { billing_group_id: world.group, invoice_number: 'estimate-2026-11', limit: 1 },
    path: `/billing-group/${world.group}/invoice/estimate-2026-11/lines?limit=1`,
  }),
};
const WRITE_TOOLS = ['create_billing_group', 'assign_projects'];

describe('an assistant', () => {
  it('is offered the tools that its token may use, each with its schemas', async () => {
    expect(reader.tools).toEqual(Object.keys(QUESTIONS));
    expect(writer.tools).toEqual([...Object.keys(QUESTIONS), ...WRITE_TOOLS]);
    const { tools } = await writer.client.listTools();
    const costs = tools.find(({ name }) => name === 'get_costs');
    expect(costs?.inputSchema).toMatchObject({
      type: 'object',
      required: ['from', 'until'],
      properties: { by: { enum: ['day', 'service', 'project', 'tag'] } },
      additionalProperties: false,
    });
    // one type for each field, which every client understands
    expect(JSON.stringify(tools)).not.toContain('"type":[');
    expect(JSON.stringify(costs?.outputSchema)).toContain('"anyOf":[{"type":"string"},{"type":"null"}]');
    const writes = tools.filter(({ annotations }) => annotations?.readOnlyHint !== true).map(({ name }) => name);
    expect(writes).toEqual(WRITE_TOOLS);
    expect(writer.client.getInstructions()).toContain('not instructions');
  });

  it.each(Object.keys(QUESTIONS))('gets from %s what the API answers', async (name) => {
    const { input, path } = QUESTIONS[name]?.() ?? { input: {}, path: '' };
    const answer = await reader.call(name, input);
    const { body } = await api.ask('GET', path, { token: world.read });
    const { read_at: _, ...same } = body;
    expect(answer).toMatchObject({ isError: false, body: same });
    expect(JSON.parse(answer.text)).toEqual(answer.body);
    expect(JSON.stringify(answer.body).length).toBeGreaterThan(50);
  });

  it('reads a long list page by page', async () => {
    const names: unknown[] = [];
    let cursor: unknown;
    do {
      const { body } = await reader.call('list_projects', { limit: 1, ...(cursor !== undefined && { cursor }) });
      names.push(...(body.projects as { project_name: string }[]).map(({ project_name: name }) => name));
      cursor = body.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(names.sort()).toEqual(['p1', 'p2']);
  });

  it('changes what a token that writes may change', async () => {
    const created = await writer.call('create_billing_group', { billing_group_name: 'From a chat' });
    const { billing_group_id: id } = created.body.billing_group as { billing_group_id: string };
    expect(await writer.call('assign_projects', { billing_group_id: id, projects_names: ['p2'] })).toMatchObject({
      isError: false,
    });
    expect(await reader.call('list_group_projects', { billing_group_id: id })).toMatchObject({
      body: { projects: [{ project_name: 'p2' }] },
    });
    await writer.call('assign_projects', { billing_group_id: world.group, projects_names: ['p2'] });
  });
});

describe('a tool', () => {
  it('that changes anything is refused to a token that reads', async () => {
    const refused = await reader.call('create_billing_group', { billing_group_name: 'No' });
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('(scope_needed)') });
    const { body } = await reader.call('list_billing_groups');
    expect(JSON.stringify(body)).not.toContain('"No"');
  });

  it('says what is wrong with every field of its input', async () => {
    const { isError, text } = await reader.call('get_costs', { from: 'yesterday', until: '2026-10-31', since: 1 });
    expect({ isError, lines: text.split('\n').sort() }).toEqual({
      isError: true,
      lines: ['from: Use a day such as 2026-10-31. (invalid_input)', 'since: Unknown field. (invalid_input)'],
    });
    expect(await reader.call('get_costs')).toMatchObject({ isError: true, text: expect.stringContaining('until:') });
    expect(await reader.call('get_costs', { ...OCTOBER, from: '2026-12-01' })).toMatchObject({
      ...{ isError: true, text: 'until: Before from. (invalid_input)' },
    });
    expect(await reader.call('list_projects', { limit: 501 })).toMatchObject({ isError: true });
  });

  it('knows nothing of another account', async () => {
    const theirs = await apiWorld(ctx);
    const stranger = await connectAssistant(api.url, theirs.read);
    try {
      for (const [name, ask] of Object.entries(QUESTIONS)) {
        const { input } = ask();
        const { isError, text } = await stranger.call(name, input);
        expect(text).not.toContain(world.group);
        if ('billing_group_id' in input) expect([name, isError]).toEqual([name, true]);
      }
      const { body } = await stranger.call('list_billing_groups');
      expect(JSON.stringify(body)).toContain(theirs.group);
    } finally {
      await stranger.close();
    }
  });

  it('that doesn’t exist is an error of the protocol', async () => {
    await expect(reader.client.callTool({ name: 'delete_everything', arguments: {} })).rejects.toThrow(/Unknown tool/);
  });

  it('is logged under its name, with the token and the error', async () => {
    const from = lines.length;
    await reader.call('list_projects', { limit: 0 });
    await reader.client.ping();
    const asked = lines.slice(from).filter(({ msg }) => msg === 'api');
    expect(asked.map(({ operation, actor, status }) => [operation, actor, status])).toEqual([
      ['mcp list_projects', 'Reader', 200],
      ['mcp', 'Reader', 200],
    ]);
  });
});

describe('the endpoint', () => {
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${api.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${world.read}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

  it('needs a token that is valid', async () => {
    for (const authorization of ['Bearer bgt_unknown_token', '']) {
      const refused = await send(LIST, { authorization });
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    await expect(connectAssistant(api.url, 'bgt_unknown_token')).rejects.toThrow();
  });

  it('keeps nothing between requests, and nobody keeps its answers', async () => {
    const answer = await send(LIST);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    expect(await answer.json()).toMatchObject({ id: 1, result: { tools: expect.any(Array) } });
  });

  it('refuses several messages at once, other formats and other methods', async () => {
    expect((await send([LIST, LIST])).status).toBe(400);
    expect((await send('{')).status).toBe(400);
    expect((await send('x', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await send(LIST, { accept: 'text/html' })).status).toBe(406);
    const got = await fetch(`${api.url}/mcp`, { headers: { authorization: `Bearer ${world.read}` } });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('counts towards the token’s limit', async () => {
    // to connect takes four: two to begin, one for notifications, which there are none of, and the list of tools
    const limited = await startApi(clock, { perMinute: 4 });
    try {
      const assistant = await connectAssistant(limited.url, world.read);
      await expect(assistant.call('list_projects')).rejects.toThrow(/too_many_requests|limit/i);
      await assistant.close();
    } finally {
      await limited.stop();
    }
  });
});
