import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
// has all models registered
import '../../src/store/migrations/collections.ts';
import { SHARD_TABLE } from '../../src/store/migrations/shard-table.ts';
import { queriesIn, type StoreQuery, storeQueries } from './store-queries.ts';

/** Made by the scheduler, with the index that the store adds. */
const NOT_A_MODEL = 'jobs';

const MODELS = mongoose.modelNames().map((name) => mongoose.model(name));
const collectionOf = new Map(MODELS.map((model) => [model.modelName, model.collection.collectionName]));
/** Those whose documents belong to accounts, which may be on several shards. */
const BY_ACCOUNT = Object.entries(SHARD_TABLE).filter(([, { sharding }]) => sharding !== 'unsharded');

function indexesOf(collection: string): { name: string; isUnique: boolean; fields: string[] }[] {
  const model = MODELS.find((one) => one.collection.collectionName === collection);
  return (model?.schema.indexes() ?? []).map(([key, options]) => ({
    name: String(options.name),
    isUnique: options.unique === true,
    fields: Object.keys(key),
  }));
}

const beginsWith = (fields: readonly string[], key: readonly string[]) =>
  key.every((field, at) => fields[at] === field);

describe('the table of collections', () => {
  it('has every collection of the store', () => {
    expect([...collectionOf.values(), NOT_A_MODEL].sort()).toEqual(Object.keys(SHARD_TABLE).sort());
  });

  it('has every unique index, with its fields in order', () => {
    for (const [collection, { unique }] of Object.entries(SHARD_TABLE)) {
      if (collection === NOT_A_MODEL) continue;
      const found = indexesOf(collection).filter(({ isUnique }) => isUnique);
      expect({ collection, unique: Object.fromEntries(found.map(({ name, fields }) => [name, fields])) }).toEqual({
        collection,
        unique,
      });
    }
  });

  it('says why a collection can’t be sharded by account', () => {
    const wrong = Object.entries(SHARD_TABLE).filter(
      ([, { sharding, reason, key }]) => (sharding === 'unsharded') !== (reason !== undefined && key.length === 0),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the data of accounts', () => {
  it('names its account in every document', () => {
    const lacking = BY_ACCOUNT.filter(([collection]) => {
      const model = MODELS.find((one) => one.collection.collectionName === collection);
      return model?.schema.path('accountId')?.isRequired !== true;
    });
    expect(lacking.map(([collection]) => collection)).toEqual([]);
  });

  it('has shard keys that begin with the account, every unique index begins with, and an index supports', () => {
    for (const [collection, { key, unique }] of BY_ACCOUNT) {
      const broken = Object.entries(unique).flatMap(([name, fields]) => (beginsWith(fields, key) ? [] : [name]));
      const isSupported = indexesOf(collection).some(({ fields }) => beginsWith(fields, key));
      expect({ collection, first: key[0], broken, isSupported }).toEqual({
        ...{ collection, first: 'accountId', broken: [], isSupported: true },
      });
    }
  });

  it('has no other indexes without the account where it is sharded', () => {
    const without = BY_ACCOUNT.filter(([, { sharding }]) => sharding === 'sharded').flatMap(([collection]) =>
      indexesOf(collection).flatMap(({ name, fields }) => (fields[0] === 'accountId' ? [] : [`${collection} ${name}`])),
    );
    expect(without).toEqual([]);
  });
});

describe('queries of accounts’ data', () => {
  const all = storeQueries();
  const placementOf = (model: string) => SHARD_TABLE[collectionOf.get(model) ?? ''];
  const inOneAccount = all.filter(({ models }) => models.some((name) => placementOf(name)?.sharding !== 'unsharded'));
  const described = ({ where, method, models }: StoreQuery) => `${where}: ${method} ${models.join(', ')}`;

  it('are all found', () => {
    expect(inOneAccount.length).toBeGreaterThan(300);
    expect(new Set(all.flatMap(({ models }) => models))).toEqual(
      new Set(MODELS.map(({ modelName }) => modelName).filter((name) => name !== 'SchemaVersion')),
    );
  });

  it('name the account, unless they are reads for background jobs across all accounts', () => {
    const wrong = inOneAccount.filter(
      ({ namesAccount, isAcrossAccounts, isWrite }) => !namesAccount && (isWrite || !isAcrossAccounts),
    );
    expect(wrong.map(described)).toEqual([]);
  });

  it('use `distinct` only across all accounts, and so never in a transaction', () => {
    const wrong = inOneAccount.filter(({ method, isAcrossAccounts }) => method === 'distinct' && !isAcrossAccounts);
    expect(wrong.map(described)).toEqual([]);
  });
});

describe('the check of queries', () => {
  /** Whether the queries in a file's functions name the account, in order. */
  const checked = (text: string): boolean[] => {
    const model = "export const Things = mongoose.model('Thing', new Schema({}, { collection: 'things' }));\n";
    return queriesIn(new Map([['src/store/things.ts', model + text]])).map(({ namesAccount }) => namesAccount);
  };

  it('finds a query that doesn’t name the account', () => {
    expect(checked('export function a(id) { return Things.findOne({ _id: id }).lean(); }')).toEqual([false]);
    expect(checked('export function a(id) { return Things.findById(id); }')).toEqual([false]);
    expect(checked('export function a(accountId, all) { return Things.find(all ? {} : { accountId }); }')).toEqual([
      false,
    ]);
    expect(checked('export function a(accountId, x) { return Things.find({ $or: [{ accountId }, x] }); }')).toEqual([
      false,
    ]);
    expect(checked('export function a(accountId) { return Things.aggregate([{ $group: { accountId } }]); }')).toEqual([
      false,
    ]);
    expect(checked('export function a(filter) { return Things.deleteMany({ ...filter }); }')).toEqual([false]);
  });

  it('follows variables, parameters and functions', () => {
    const text = `
      export function a(accountId) { const of = { accountId }; return Things.find({ ...of, x: 1 }); }
      export function b(accountId) { return c(Things, { accountId }, 1); }
      function c(model, filter, x) { return model.aggregate([{ $match: { ...filter, x } }]); }
      export function d(of) { return Things.exists(ofAccount(of)); }
      function ofAccount({ accountId }) { return { accountId }; }
      export function e(accountId, ids) {
        return Things.bulkWrite(ids.map((_id) => ({ updateOne: { filter: { _id, accountId }, update: {} } })));
      }
      export function f(all) { return Things.updateMany({ $and: [{ x: 1 }, { accountId: all }] }, {}); }`;
    expect(checked(text)).toEqual([true, true, true, true, true]);
    expect(checked(text.replace('c(Things, { accountId }, 1)', 'c(Things, {}, 1)'))).toContain(false);
  });
});
