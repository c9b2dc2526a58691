import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBlocks, type Message } from '../../../src/local/workspace/index.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createCurrentAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import {
  type DroppedFile,
  ELSEWHERE,
  OTHER_USES,
  READABLE,
  UNKNOWN_LAYOUTS,
  UNREADABLE,
} from '../../support/costs/dropped-files.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

const OWNER = 'U0OWNER';
const FILES = [...READABLE, ...UNKNOWN_LAYOUTS, ...OTHER_USES, ...UNREADABLE, ...ELSEWHERE];
/** A direct message has the same answers, so that some of each kind are enough. */
const SOME_FILES = FILES.filter((_file, at) => at % 5 === 0);

useDatabase(migrate);

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
let product: Product;
let accountId = '';
/** How long each first answer took, in milliseconds. */
const times: { readonly name: string; readonly ms: number }[] = [];
const { as } = driving(() => product);

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createCurrentAcme(ctx, 'Acme');
});
afterAll(async () => {
  await product.stop();
  const slowest = times.toSorted((a, b) => b.ms - a.ms).slice(0, 5);
  if (process.env.TEST_LOG) process.stdout.write(`${times.length} answers, slowest: ${JSON.stringify(slowest)}\n`);
});

/** What the app has written in a channel that this person sees and nobody else does. */
function answersTo(user: string, channel: string): Message[] {
  const isDirect = channel === as(user).directMessage();
  const messages = isDirect ? as(user).messages(channel) : [];
  return [...messages.filter((one) => one.user !== user), ...as(user).ephemerals(channel)];
}

/** Drops a file, and returns all answers. */
async function dropped(user: string, channel: string, { name, bytes, shown }: DroppedFile): Promise<Message[]> {
  const before = answersTo(user, channel).length;
  const public_ = as(user).messages(FINANCE).length;
  const began = performance.now();
  await as(user).upload(channel, name, bytes, shown);
  await as(user).waitFor(() => answersTo(user, channel).length > before);
  times.push({ name, ms: Math.round(performance.now() - began) });
  await product.quiet();
  // only the person's own message is public
  expect(as(user).messages(FINANCE)).toHaveLength(public_ + (channel === FINANCE ? 1 : 0));
  return answersTo(user, channel).slice(before);
}

describe.each([
  ['in a channel', FILES, () => FINANCE],
  ['in a direct message to the app', SOME_FILES, () => as(OWNER).directMessage()],
])(
  'a file that is dropped %s is answered privately with what it seems to be and what to do:',
  (_where, files, channel) => {
    it.each(files.map((file) => [file.name, file] as const))('%s', async (_name, file) => {
      const answers = await dropped(OWNER, channel(), file);
      for (const { blocks = [] } of answers) expect(checkBlocks('message', blocks)).toEqual([]);
      const text = answers.map(said).join();
      for (const words of file.answer) expect(text).toContain(words);
      const button = ['import.add', 'costs.map.open', 'bank.read', 'bank.map.open', 'import.rates'].filter((id) =>
        text.includes(`"${id}"`),
      );
      expect(button).toEqual(file.button === undefined ? [] : expect.arrayContaining([file.button]));
    });
  },
);

it('a file whose message has another one that was deleted is answered', async () => {
  const [first] = READABLE;
  const bytes = `${first?.bytes}`.replace('5.25', '6.25');
  const before = answersTo(OWNER, FINANCE).length;
  product.workspace.faults.next({ method: 'files.info', kind: 'error', error: 'file_deleted' });
  await as(OWNER).uploadTogether(FINANCE, [
    { name: 'notes.txt', bytes: 'Dear all' },
    { name: 'kept.csv', bytes },
  ]);
  await product.quiet();
  const texts = answersTo(OWNER, FINANCE).slice(before).map(said);
  expect(texts.filter((text) => text.includes('kept.csv') && text.includes('"import.add"'))).toHaveLength(1);
  expect(texts.filter((text) => text.includes('no longer exists in Slack'))).toHaveLength(1);
});

describe('a file of somebody who may not import', () => {
  const picture = UNREADABLE.find(({ name }) => name === 'logo.png') as DroppedFile;

  it.each([
    ['without the role', 'U0MEMBER', 'owner or billing admin'],
    ['without an account', 'U0STRANGER', '<@U0OWNER>'],
  ])('%s is answered in a direct message to the app', async (_who, user, words) => {
    await setMember(ctx, accountId, 'U0MEMBER', 'member');
    const answers = await dropped(user, as(user).directMessage(), picture);
    expect(answers.map(said).join()).toContain(words);
  });
});
