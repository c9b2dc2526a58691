import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type FileNote, type FocusRow, readFocus } from '../../src/imports/focus/focus.ts';
import { chunks, csv, readAll, row } from './focus-file.ts';

const file = (name: string): Buffer => readFileSync(new URL(`../data/cost-files/${name}`, import.meta.url));

const shown = (rows: Awaited<ReturnType<typeof readAll>>): unknown =>
  rows.map((found) => (found.kind === 'row' ? [found.hash, found.amount.toFixed(), found.columns] : found));

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

const text = csv(row({ ServiceName: 'Kühlung 🧾', SubAccountName: '北京' }), row({ BilledCost: '2' }));

describe('a byte order mark', () => {
  it('before the first row isn’t part of its first cell', async () => {
    expect(shown(await readAll(file('second-bom-1.csv')))).toEqual(shown(await readAll(file('second-bom-2.csv'))));
  });

  it('is skipped before any row and any cell, once or more, quoted or not', async () => {
    const [header = '', line = ''] = csv(row()).split('\n');
    const expected = shown(await readAll(`${header}\n${line}\n${line}\n`));
    const quoted = line.replace('1.25', '"1.25"');
    for (const bad of [
      `\uFEFF\uFEFF${header}\n\uFEFF${line}\n\uFEFF\uFEFF${line}\n`,
      `${header}\n\uFEFF${quoted}\n${line.replace('1.25', '"\uFEFF1.25"')}\n`,
      `${header}\n\uFEFF\n${line}\n${line.replaceAll(',', ',\uFEFF').replace('\uFEFF2024', '2024')}\n\uFEFF\n`,
    ]) {
      for (const size of [1, 7, 100_000]) {
        const rows: Awaited<ReturnType<typeof readAll>> = [];
        for await (const found of readFocus(chunks(Buffer.from(bad), size))) rows.push(found);
        expect(shown(rows)).toEqual(expected);
      }
    }
  });

  it('with another header in joined files starts a new column order, and the header isn’t a row', async () => {
    const one = csv(row({ BilledCost: '1' }));
    const turned = csv(Object.fromEntries(Object.entries(row({ BilledCost: '2' })).reverse()));
    const notes: FileNote[] = [];
    const rows = await readAll(`\uFEFF${one}\uFEFF${one}\uFEFF${turned}`, { onFileNote: (note) => notes.push(note) });
    expect(rows.map((found) => (found.kind === 'row' ? found.amount.toFixed() : found.reason))).toEqual([
      '1',
      '1',
      '2',
    ]);
    expect((rows[2] as FocusRow).hash).toBe(((await readAll(csv(row({ BilledCost: '2' }))))[0] as FocusRow).hash);
    expect(notes.map(({ line, reason }) => [line, reason.slice(0, 30)])).toEqual([
      [3, 'This line repeats the column n'],
      [5, 'This line repeats the column n'],
    ]);
  });
});

describe('UTF-16', () => {
  it.each([
    ['little-endian with a byte order mark', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['little-endian without one', Buffer.from(text, 'utf16le')],
    ['big-endian with a byte order mark', utf16be(`\uFEFF${text}`)],
    ['big-endian without one', utf16be(text)],
  ])('is read wherever its chunks are split, and the report says so: %s', async (_, bytes) => {
    const expected = shown(await readAll(text));
    for (const size of [1, 2, 3, 5, 64, 100_000]) {
      const notes: FileNote[] = [];
      const rows: Awaited<ReturnType<typeof readAll>> = [];
      const options = { onFileNote: (note: FileNote) => void notes.push(note) };
      for await (const found of readFocus(chunks(bytes, size), options)) rows.push(found);
      expect(shown(rows)).toEqual(expected);
      expect(notes).toEqual([{ line: 1, column: '(file)', reason: 'The file is in UTF-16. It was read as such.' }]);
    }
  });

  it('is read from a shared file', async () => {
    expect(await readAll(file('dropped-utf-16.csv'))).toMatchObject([{ kind: 'row', subAccountName: 'One' }]);
  });

  it('with half a character is rejected with the line', async () => {
    const broken = Buffer.from(text.replace('北京', '北\ud800京'), 'utf16le');
    await expect(readAll(broken)).rejects.toMatchObject({
      data: { problem: expect.stringContaining('Line 2 of this UTF-16 file') },
    });
  });

  it('that ends in the middle of a character is reported as truncated', async () => {
    const bytes = Buffer.from(text, 'utf16le');
    const rows = await readAll(bytes.subarray(0, bytes.length - 9));
    expect(rows.map((found) => [found.kind, found.kind === 'rejected' && found.cutOff])).toEqual([
      ['row', false],
      ['rejected', true],
    ]);
  });
});

describe('a file that isn’t in UTF-8', () => {
  it('is rejected with the line, the column and how to fix it', async () => {
    const error = await readAll(file('windows-1252-1.csv')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'focus_file',
      data: {
        problem:
          'The file isn’t in UTF-8: line 2, SubAccountName has characters that can’t be read (“München” in Windows-1252).',
        remedy: 'Save the file as CSV in UTF-8 (“CSV UTF-8” in Excel), and import it again.',
      },
    });
    expect(await readAll(file('windows-1252-2.csv'))).toMatchObject([
      { subAccountName: 'München' },
      { subAccountName: 'Zürich' },
    ]);
  });

  it.each([
    ['Latin-1 in a later row', Buffer.from(text.replace('Machines', 'Geb\xfchr'), 'latin1')],
    [
      'Shift-JIS',
      Buffer.concat([
        Buffer.from(text.slice(0, -20)),
        Buffer.from([0x93, 0xfa, 0x96, 0x7b]),
        Buffer.from(text.slice(-20)),
      ]),
    ],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from(text.slice(0, -20)), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(text.slice(-20))]),
    ],
    [
      'an overlong slash',
      Buffer.concat([Buffer.from(text.slice(0, -20)), Buffer.from([0xc0, 0xaf]), Buffer.from(text.slice(-20))]),
    ],
    ['Latin-1 in the header', Buffer.from(csv(row({ x_Gebühr: '1' })), 'latin1')],
  ])('never produces a row with a replacement character: %s', async (_, bytes) => {
    await expect(readAll(bytes)).rejects.toMatchObject({
      data: { problem: expect.stringContaining('The file isn’t in UTF-8: line ') },
    });
  });

  it('only in its last byte is reported as truncated, not as another encoding', async () => {
    const whole = Buffer.from(csv(row({ Tags: undefined, x_Name: 'Kühl' })).trimEnd());
    const [found] = await readAll(whole.subarray(0, whole.indexOf('ü') + 1));
    expect(found).toMatchObject({ kind: 'rejected', cutOff: true });
  });
});
