import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
// has all models registered
import '../../src/store/migrations/collections.ts';
import { SHARD_TABLE } from '../../src/store/migrations/shard-table.ts';
import { accountsPerShard, collectionsTable, commandsAMonth, monthTable, shards, shardTable, shares } from './scale.ts';

const { EJSON, calculateObjectSize } = mongoose.mongo.BSON;
const PAGE = readFileSync('docs/scale.md', 'utf8');

describe('docs/scale.md', () => {
  it('has the tables that the calculation makes', () => {
    for (const table of [monthTable(), shardTable(), collectionsTable()]) expect(PAGE).toContain(`\n${table}\n`);
  });

  it('says when one shard is enough', () => {
    expect([shards(10), shards(1_000)]).toEqual([1, 1]);
    expect(PAGE).toContain('up to a thousand average accounts need no sharding at all');
    const { disk, memory, writes } = accountsPerShard();
    expect(shards(100_000)).toBe(Math.ceil(100_000 / Math.min(disk, memory, writes)));
  });
});

describe('the calculation', () => {
  it('assumes sizes like those of stored documents, at most three times as large', () => {
    const stored: Record<string, mongoose.mongo.Document[]> = EJSON.parse(
      readFileSync('test/data/databases/version-6.json', 'utf8'),
      { relaxed: false },
    );
    const names = Object.keys(stored);
    expect(names.length).toBeGreaterThan(20);
    const factors = Object.entries(stored).map(([name, docs]) => {
      const average = docs.reduce((sum, doc) => sum + calculateObjectSize(doc), 0) / docs.length;
      return [name, (SHARD_TABLE[name]?.size.bytes ?? 0) / average] as const;
    });
    expect(factors.filter(([, factor]) => factor < 0.8 || factor > 3)).toEqual([]);
  });

  it('grows with the months, apart from what is deleted or stays the same', () => {
    const [one, year] = [shares(1), shares(12)];
    for (const [at, { name, documents, placement }] of one.entries()) {
      const factor = (year[at]?.documents ?? 0) / documents;
      if (placement.sharding === 'sharded') expect({ name, factor }).toEqual({ name, factor: 12 });
    }
    const sent = (all: typeof one) => all.find(({ name }) => name === 'sent_messages')?.documents;
    expect(sent(year)).toBe(2 * (sent(one) ?? 0));
    expect(commandsAMonth()).toBeGreaterThan(0);
  });
});
