import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ROOTS, sourcesIn } from './sources.ts';

/** What only the store can contain: MongoDB's operators, and calls to a model, a query or a collection. */
const SIGNS: readonly RegExp[] = [
  /['"]?\$(?:set|unset|inc|min|max|push|pull|addToSet|setOnInsert|each|in|nin|ne|eq|gt|gte|lt|lte|exists|or|and|nor|not|expr|regex|elemMatch|match|group|sort|limit|skip|project|lookup|unwind|sum|first|last|addFields|slice|size|type)['"]?:/g,
  /\.(?:lean|orFail|aggregate|cursor|bulkWrite|countDocuments|estimatedDocumentCount|hydrate)[(<]/g,
  /\.(?:findOne|findById|findOneAnd\w+|findByIdAnd\w+|updateOne|updateMany|insertOne|insertMany|deleteOne|deleteMany|replaceOne)[(<]/g,
];

const FILES = sourcesIn(ROOTS).filter((file) => !/^src\/(store|local)\//.test(file));

/** Models are values that the store's files export with `mongoose.model(…)`. */
const MODELS = sourcesIn(['src/store'])
  .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/export const (\w+) = mongoose\.model/g)])
  .map(([, name = '']) => name);

/** The parts of a text that only the store can contain, with their lines. */
function signsIn(text: string): string[] {
  const bare = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return bare
    .split('\n')
    .flatMap((line, at) => SIGNS.flatMap((sign) => (line.match(sign) ?? []).map((found) => `${at + 1}: ${found}`)));
}

/** The models among a file's imports. */
function modelsIn(text: string): string[] {
  const imports = [...text.matchAll(/^import (?!type)\{([^}]*)\} from '[^']*\/store\/[^']*';/gm)];
  return imports
    .flatMap(([, names = '']) => names.split(',').map((name) => name.trim()))
    .filter((name) => MODELS.includes(name));
}

const FOUND = new Map(
  FILES.map((file) => {
    const text = readFileSync(file, 'utf8');
    return [file, [...signsIn(text), ...modelsIn(text)]] as const;
  }),
);

describe('MongoDB access', () => {
  it('is detected by this test', () => {
    expect(MODELS).toEqual(expect.arrayContaining(['Groups', 'Invoices', 'Leases']));
    const code = 'await Groups.find({ accountId, _id: { $in: ids } }).lean();\nGroups.updateOne({}, { $set: {} })';
    expect(signsIn(code)).toEqual(['1: $in:', '1: .lean(', '2: $set:', '2: .updateOne(']);
    expect(signsIn('/** `$set: 1` */\nconst first = groups.find((one) => one.isFirst);')).toEqual([]);
    expect(modelsIn("import { type GroupDoc, Groups, heldAt } from '../../store/groups/groups.ts';")).toEqual([
      'Groups',
    ]);
  });

  it('is limited to the store', () => {
    const wrong = [...FOUND].filter(([, found]) => found.length > 0);
    expect(wrong.map(([file, found]) => `${file} ${found.join(' ')}`)).toEqual([]);
  });
});
