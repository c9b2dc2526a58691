import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { folderStorage } from '../../../src/adapters/storage/folder.ts';
import type { StoredObject } from '../../../src/billing/source/deliveries.ts';

let root = '';
let outside = '';
const later = () => new Date(Date.now() + 120_000);
const at = (...parts: string[]) => path.join(root, ...parts);

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'folder-root-'));
  outside = mkdtempSync(path.join(tmpdir(), 'folder-outside-'));
  mkdirSync(at('aws', 'deep'), { recursive: true });
  writeFileSync(at('aws', 'a.csv'), 'one');
  writeFileSync(at('aws', 'deep', 'b.csv'), 'two');
  writeFileSync(path.join(outside, 'secret.csv'), 'secret');
});
afterEach(() => {
  for (const folder of [root, outside]) rmSync(folder, { recursive: true, force: true });
});

const storage = (folder: string, now = later, top: string | undefined = root) =>
  folderStorage({ kind: 'folder', path: folder }, { root: top, now });

async function list(folder: string, now = later): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const object of (await storage(folder, now)).list()) found.push(object);
  return found;
}

async function read(folder: string, object: StoredObject, during = () => undefined): Promise<string> {
  let text = '';
  for await (const chunk of await (await storage(folder)).open(object)) {
    text += Buffer.from(chunk).toString();
    during();
  }
  return text;
}

const fault = (work: Promise<unknown>) =>
  work.then(
    () => 'no fault',
    (error: { kind?: string; message?: string }) => `${error.kind}: ${error.message}`,
  );
const firstOf = (found: readonly StoredObject[]) => found[0] as StoredObject;

describe('a folder', () => {
  it('lists its files and reads them', async () => {
    const found = await list('aws');
    expect(found.map(({ key, size }) => [key, size])).toEqual([
      ['a.csv', 3],
      ['deep/b.csv', 3],
    ]);
    expect(await read('aws', firstOf(found))).toBe('one');
    expect((await list('')).map(({ key }) => key)).toEqual(['aws/a.csv', 'aws/deep/b.csv']);
  });

  it('leaves out a file that was just written, which may grow', async () => {
    utimesSync(at('aws', 'a.csv'), new Date(), new Date(Date.now() - 61_000));
    expect((await list('aws', () => new Date())).map(({ key }) => key)).toEqual(['a.csv']);
  });

  it('can’t lead out of the root', async () => {
    symlinkSync(outside, at('link'));
    symlinkSync(path.join(outside, 'secret.csv'), at('aws', 'link.csv'));
    symlinkSync(outside, at('aws', 'linked'));
    expect((await list('aws')).map(({ key }) => key)).toEqual(['a.csv', 'deep/b.csv']);
    expect(await fault(storage('link'))).toBe('address: The folder link isn’t in the folder for sources.');
    expect(await fault(storage('../x'))).toMatch(/^(address|missing): /);
    expect(await fault(storage(`../${path.basename(outside)}`))).toMatch(/^address: /);
    const [listed] = await list('aws');
    for (const key of ['link.csv', 'linked/secret.csv', `../../${path.basename(outside)}/secret.csv`]) {
      expect(await fault(read('aws', { ...(listed as StoredObject), key }))).toMatch(
        /^(address|missing|unreachable): /,
      );
    }
  });

  it('notices a file that was replaced, also by a link, and while it is being read', async () => {
    const before = firstOf(await list('aws'));
    writeFileSync(at('aws', 'a.csv'), 'uno');
    expect(await fault(read('aws', before))).toBe('changed: The file a.csv was replaced while it was being read.');
    const again = firstOf(await list('aws'));
    expect(await fault(read('aws', again, () => void writeFileSync(at('aws', 'a.csv'), 'tre')))).toMatch(/^changed: /);
    rmSync(at('aws', 'a.csv'));
    symlinkSync(path.join(outside, 'secret.csv'), at('aws', 'a.csv'));
    expect(await fault(read('aws', again))).toMatch(/^address: /);
  });

  it('says what is missing', async () => {
    expect(await fault(storage('nowhere'))).toBe('missing: The folder nowhere doesn’t exist.');
    expect(await fault(storage('aws/a.csv'))).toBe('missing: aws/a.csv isn’t a folder.');
    expect(await fault(folderStorage({ kind: 'folder', path: '' }, { root: undefined, now: later }))).toMatch(
      /^address: /,
    );
  });
});
