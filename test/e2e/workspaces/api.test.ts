import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shownId } from '../../../src/api/ids.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi, tokenFor } from '../../support/api/api.ts';
import { document } from '../../support/api/openapi.ts';
import { TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { StoredState } from '../../support/database/stored-state.ts';
import { billedFacts } from '../../support/slack/look-alike-world.ts';
import { LOOK_ALIKES, type LookAlike, namedIn, readableIn } from '../../support/slack/look-alikes.ts';

useDatabase(migrate, { monitorCommands: true });

type Values = Readonly<Record<string, unknown>>;
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>> };
}

const clock = new TestClock('2026-03-20T12:00:00Z');
const OPERATIONS = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
    ...{ method: method.toUpperCase(), path, operation },
  })),
);
/** What the parameters and bodies of requests about a workspace contain, by name. */
const valuesOf = new Map<LookAlike, Values>();
const tokens = new Map<LookAlike, string>();
/** How many answers named their own workspace. */
let shown = 0;
let api: RunningApi;
let start: StoredState;

beforeAll(async () => {
  api = await startApi(clock);
  for (const one of LOOK_ALIKES) {
    const facts = await billedFacts(clock, one);
    const { account = '', group = '', code } = facts;
    tokens.set(one, await tokenFor(clock, account, { name: `${one.word} reports` }));
    const invoice = await Invoices.findOne({ accountId: account, number: { $type: 'string' } })
      .orFail()
      .lean();
    const [accountId, groupId, project] = [shownId(account), shownId(group), `${one.word}p1`];
    valuesOf.set(one, {
      ...{ account_id: accountId, organization_id: accountId, id: groupId, project, number: invoice.number, code },
      ...{ download_cookie: 'csv', billing_group_name: 'Something new', project_id: 'something-new' },
      ...{ projects_names: [project], billing_group_id: groupId, billing_address_id: groupId },
    });
  }
  start = await StoredState.now();
});
afterAll(() => api.stop());

/** A request with the token of one workspace's account, about the objects of one. @returns all that can be read in the answer */
async function ask({ method, path, operation }: (typeof OPERATIONS)[number], from: LookAlike, about: LookAlike) {
  const values = valuesOf.get(about) ?? {};
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const body = bodyOf(operation, values);
  const response = await fetch(`${api.url}/v1${place}${path === '/focus' ? '?period=2026-03' : ''}`, {
    method,
    headers: { authorization: `Bearer ${tokens.get(from)}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = await readableIn({ ...{ method: '', args: {}, token: undefined, path: '' }, body: bytes });
  return { status: response.status, text };
}

/** All fields of a request's body for which there is a value. */
function bodyOf({ requestBody }: Operation, values: Values): Values | undefined {
  const name = requestBody?.content['application/json']?.schema.$ref.split('/').at(-1);
  if (name === undefined) return undefined;
  const schema = { ...document.components?.schemas?.[name] } as { readonly properties?: object };
  const fields = Object.keys({ ...schema.properties });
  return Object.fromEntries(fields.filter((field) => field in values).map((field) => [field, values[field]]));
}

describe('the Invoice API in workspaces with the same IDs', () => {
  it.each(OPERATIONS.map((operation, at) => [`${operation.method} ${operation.path}`, operation, at] as const))(
    '%s shows only the account of its token',
    async (_name, operation, at) => {
      // at the same time, so that readers of different accounts share what can be shared
      const own = await Promise.all(LOOK_ALIKES.map((one) => ask(operation, one, one)));
      for (const [place, one] of LOOK_ALIKES.entries()) {
        const named = namedIn(own[place]?.text ?? '');
        expect(named.filter((other) => other !== one)).toEqual([]);
        shown += named.length;
      }
      // what one account is shown, all are shown
      expect(new Set(own.map(({ status }) => status)).size).toBe(1);
      await start.revert();
      const [from, about] = [LOOK_ALIKES[at % 4] as LookAlike, LOOK_ALIKES[(at + 1) % 4] as LookAlike];
      const { status, text } = await ask(operation, from, about);
      // a name that isn't found is repeated
      const told = text.replaceAll(String(valuesOf.get(about)?.project), '');
      expect({ status, strangers: namedIn(told).filter((one) => one !== from) }).toEqual({ status, strangers: [] });
      if (operation.path.includes('{')) expect(status).toBeGreaterThanOrEqual(400);
      await start.revert();
    },
  );

  it('shows names in most answers, so that the comparison isn’t about empty ones', () => {
    expect(shown).toBeGreaterThan(OPERATIONS.length);
  });
});
