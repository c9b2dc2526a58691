import fc from 'fast-check';
import { createGroup, deleteGroup } from '../../../src/services/groups/groups.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import type { RunningApi } from './api.ts';
import { type Known, requests } from './api-fuzz.ts';
import { type ApiWorld, apiWorld } from './api-world.ts';
import { faultsOf } from './openapi.ts';

const AT_ONCE = 8;

/** The result of many requests: how often each status occurred, and each request with a wrong response. */
export interface Fuzzed {
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

/**
 * Sends many requests generated from the OpenAPI document to an account that has a neighbor. The same seed sends the
 * same.
 */
export async function fuzz(api: RunningApi, ctx: Ctx, { seed, runs }: { seed: number; runs: number }): Promise<Fuzzed> {
  const [world, foreign] = [await apiWorld(ctx), await apiWorld(ctx)];
  const sample = fc.sample(requests(await knownOf(api, ctx, world, foreign)), { seed, numRuns: runs });
  const statuses: Record<string, number> = {};
  const faults: string[] = [];
  let at = 0;
  const worker = async (): Promise<void> => {
    for (let one = sample[at++]; one !== undefined; one = sample[at++]) {
      const { method, path, headers, body } = one;
      const response = await fetch(`${api.url}/v1${path}`, { method, headers, ...(body !== undefined && { body }) });
      const text = await response.text();
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      const isJson = response.headers.get('content-type')?.startsWith('application/json');
      const found = faultsOf(method, path, {
        ...response,
        ...of(response),
        body: isJson ? JSON.parse(text) : undefined,
      });
      if (response.status >= 500) found.push(`${response.status}: ${text.slice(0, 200)}`);
      if (found.length > 0) faults.push(JSON.stringify({ method, path, body, found }).slice(0, 1_000));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { sent: sample.length, statuses, faults };
}

function of({ status, headers }: Response) {
  return { status, headers };
}

/** Includes a deleted group, and objects of a neighbor account. */
async function knownOf(api: RunningApi, ctx: Ctx, world: ApiWorld, foreign: ApiWorld): Promise<Known> {
  const { accountId } = world;
  const gone = await createGroup(ctx, { accountId, name: 'Gone' });
  await deleteGroup(ctx, { accountId, billingGroupId: gone._id });
  const { body } = await api.ask('GET', `/billing-group/${world.group}/invoice`, { token: world.read });
  const invoices = body.invoices as { invoice_number: string; download_cookie: string }[];
  return {
    tokens: [world.write, world.write, world.write, world.read, foreign.read],
    ids: [world.group, world.group, world.other, foreign.group, gone._id.slice(3), world.account, foreign.account],
    numbers: invoices.map((invoice) => invoice.invoice_number),
    cookies: invoices.map((invoice) => invoice.download_cookie),
    projects: ['p1', 'p2', 'P1', 'p99'],
    codes: [...world.codes, ...foreign.codes],
  };
}
