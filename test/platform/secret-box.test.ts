import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readSecretKeys, SecretBox, UnreadableSecret } from '../../src/platform/secret-box.ts';

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const PLACE = 'installations T1 bot';
const SECRET = 'xoxe.xoxb-1-Ünïcode';

describe('a stored secret', () => {
  const box = new SecretBox([OLD]);
  const sealed = box.seal(SECRET, PLACE);

  it('is read again in its place, also after a restart', () => {
    expect(box.open(sealed, PLACE)).toBe(SECRET);
    expect(new SecretBox([OLD]).open(sealed, PLACE)).toBe(SECRET);
    expect(box.open(box.seal('', PLACE), PLACE)).toBe('');
  });

  it('shows nothing of its content, and is never encrypted twice in the same way', () => {
    expect(sealed).not.toContain('xoxb');
    expect(box.seal(SECRET, PLACE)).not.toBe(sealed);
  });

  it('can’t be read in another place, with another key, or after any of its bytes was changed', () => {
    expect(() => box.open(sealed, 'installations T2 bot')).toThrow(UnreadableSecret);
    expect(() => new SecretBox([NEW]).open(sealed, PLACE)).toThrow('No key in SECRETS_KEY');
    const [version, id, body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => box.open(`${version}.${id}.${changed.toString('base64url')}`, PLACE)).toThrow(UnreadableSecret);
    }
    for (const text of ['', 'plain', `v2.${id}.${body}`, `${version}.${id}`, `${version}.${id}.AAAA`])
      expect(() => box.open(text, PLACE)).toThrow(UnreadableSecret);
  });

  it('stays readable while keys are replaced, and says which values still need the old one', () => {
    const both = new SecretBox([NEW, OLD]);
    expect(both.open(sealed, PLACE)).toBe(SECRET);
    expect(both.isOutdated(sealed)).toBe(true);
    const again = both.seal(both.open(sealed, PLACE), PLACE);
    expect(both.isOutdated(again)).toBe(false);
    expect(new SecretBox([NEW]).open(again, PLACE)).toBe(SECRET);
  });
});

describe('SECRETS_KEY', () => {
  it('has keys of 32 bytes in base64, its URL form or hex', () => {
    const key = randomBytes(32);
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(readSecretKeys(key.toString(form))).toEqual([key]);
    expect(readSecretKeys(`${NEW.toString('base64')}, ${OLD.toString('hex')}`)).toEqual([NEW, OLD]);
  });

  it.each(['', ',', 'secret', 'a'.repeat(63), Buffer.alloc(16).toString('base64'), `${'a'.repeat(64)},short`])(
    '“%s” isn’t one',
    (text) => {
      expect(readSecretKeys(text)).toBeUndefined();
    },
  );

  it('is required, in its full length', () => {
    expect(() => new SecretBox([])).toThrow(RangeError);
    expect(() => new SecretBox([Buffer.alloc(16)])).toThrow(RangeError);
  });
});
