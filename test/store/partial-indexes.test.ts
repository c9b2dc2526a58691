import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { countImportsOfFile } from '../../src/store/costs/import-queries.ts';
import { eachVatToCheck } from '../../src/store/groups/group-reads.ts';
import { externalIdsLike, projectsLike } from '../../src/store/groups/project-reads.ts';
// has all models registered
import '../../src/store/migrations/collections.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { accountsWithDigests } from '../../src/store/notices/digest-spans.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate, { monitorCommands: true });

/** By collection: the fields with an index of only those that have a type. */
const TYPED = new Map(
  mongoose.modelNames().map((name) => {
    const { collection, schema } = mongoose.model(name);
    const fields = schema
      .indexes()
      .flatMap(([, { partialFilterExpression: only }]) =>
        Object.entries(only ?? {}).flatMap(([field, condition]) => (hasType(condition) ? [field] : [])),
      );
    return [collection.collectionName, fields];
  }),
);

/** Every query that uses such an index. */
const QUERIES: Readonly<Record<string, () => Promise<unknown>>> = {
  'projects externalKey': () => externalIdsLike('acc', ['a']),
  'projects externalKey, externalId, label': () =>
    projectsLike('acc', { keys: ['a'], externalIds: ['a'], nameKeys: ['a'], labels: ['a'], hiddenIds: [] }),
  'imports slack.fileId': () => countImportsOfFile({ accountId: 'acc', fileId: 'F1', replace: false }),
  'subscriptions digest': () => accountsWithDigests('weekly'),
  'billing_groups vatCheckAt': () => first(eachVatToCheck(new Date(), 1)),
};

async function first(found: AsyncIterable<unknown>): Promise<unknown> {
  for await (const one of found) return one;
  return undefined;
}

function hasType(condition: unknown): boolean {
  return typeof condition === 'object' && condition !== null && '$type' in condition;
}

/** The conditions of a filter on a field, also within others. */
function conditionsOn(filter: unknown, field: string): unknown[] {
  if (typeof filter !== 'object' || filter === null) return [];
  return Object.entries(filter).flatMap(([key, value]) => (key === field ? [value] : conditionsOn(value, field)));
}

describe('indexes of only those documents that have a type in a field', () => {
  it('are of fields that some query below asks for', () => {
    const asked = new Set(
      Object.keys(QUERIES).flatMap((name) => {
        const [collection, ...fields] = name.split(/,? /);
        return fields.map((field) => `${collection} ${field}`);
      }),
    );
    const indexed = [...TYPED].flatMap(([collection, fields]) => fields.map((field) => `${collection} ${field}`));
    expect([...new Set(indexed)].sort()).toEqual([...asked].sort());
  });

  it.each(Object.entries(QUERIES))('are used, since queries name the type: %s', async (name, query) => {
    const [collection = '', ...fields] = name.split(/,? /);
    const sent: unknown[] = [];
    const note = ({ command }: { readonly command: mongoose.mongo.Document }) => {
      if ([command.find, command.aggregate, command.distinct].includes(collection)) sent.push(command);
    };
    const client = mongoose.connection.getClient();
    client.on('commandStarted', note);
    await query();
    client.off('commandStarted', note);
    for (const field of fields) {
      // one condition with the type in the same conjunction is enough
      expect(sent.flatMap((one) => conditionsOn(one, field)).some(hasType)).toBe(true);
    }
  });
});
