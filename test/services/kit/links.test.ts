import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LinkTarget, linkTo, readLink } from '../../../src/services/kit/links.ts';
import { runs } from '../../support/runs.ts';

const BASE = 'https://billing.example.com';
const ACCOUNT = 'acc_5f0c1d6e-0a1b-4c2d-8e3f-001122334455';
const INVOICE = 'inv_00000000-1111-4222-8333-444444444444';
const GOOD = `${BASE}/links/T0ACME/${ACCOUNT}/${INVOICE}`;
const TARGET: LinkTarget = { teamId: 'T0ACME', accountId: ACCOUNT, kind: 'invoice', id: INVOICE };

const target = fc
  .record({
    teamId: fc.stringMatching(/^T[A-Z0-9]{1,20}$/),
    account: fc.uuid(),
    prefix: fc.constantFrom('inv', 'bg', 'mov'),
    id: fc.uuid(),
  })
  .map(({ teamId, account, prefix, id }) => ({ teamId, accountId: `acc_${account}`, id: `${prefix}_${id}` }));

describe('a link', () => {
  it('is read as it was written, whatever it names', () => {
    expect(readLink(BASE, GOOD)).toEqual(TARGET);
    fc.assert(
      fc.property(target, (of) => {
        expect(readLink(BASE, linkTo(BASE, of))).toMatchObject(of);
      }),
      { numRuns: runs(200) },
    );
  });

  it.each([
    ['another host', GOOD.replace('billing.', 'billing2.')],
    ['a host that begins like ours', GOOD.replace('example.com', 'example.com.evil.org')],
    ['a host that ends like ours', GOOD.replace('billing.', 'evil-billing.')],
    ['our host as the name of a user', GOOD.replace('example.com/', 'example.com@evil.org/')],
    ['our host as a password', GOOD.replace('https://', 'https://evil.org:x@')],
    ['our host in a path', GOOD.replace('https://', 'https://evil.org/https://')],
    ['another port', GOOD.replace('.com/', '.com:8443/')],
    ['the usual port, spelled out', GOOD.replace('.com/', '.com:443/')],
    ['no encryption', GOOD.replace('https:', 'http:')],
    ['another scheme', GOOD.replace('https:', 'slack:')],
    ['our host in capitals', GOOD.replace('billing', 'BILLING')],
    ['letters that look like ours', GOOD.replace('billing', 'bіlling')],
    ['wide letters', GOOD.replace('links', 'ｌinks')],
    ['a backslash', GOOD.replace('/links', '\\links')],
    ['two slashes', GOOD.replace('/links', '//links')],
    ['a path that goes up', GOOD.replace('/links', '/other/../links')],
    ['a path that goes up, encoded', GOOD.replace('/links', '/%2e%2e/links')],
    ['a path below', `${GOOD}/..`],
    ['a slash at the end', `${GOOD}/`],
    ['an encoded letter', GOOD.replace('inv_', '%69nv_')],
    ['an encoded slash', GOOD.replace(`${ACCOUNT}/`, `${ACCOUNT}%2F`)],
    ['a query', `${GOOD}?as=owner`],
    ['a fragment', `${GOOD}#x`],
    ['a line break at the end', `${GOOD}\n`],
    ['a zero byte', `${GOOD}\0`],
    ['a direction mark', GOOD.replace('inv_', '\u202Einv_')],
    ['an ID in capitals', GOOD.replace(ACCOUNT, ACCOUNT.toUpperCase())],
    ['an ID of something else', GOOD.replace('inv_', 'tok_')],
    ['an account as the object', GOOD.replace('inv_', 'acc_')],
    ['an operator instead of an ID', GOOD.replace(INVOICE, '{"$ne":null}')],
    ['the ID of an organization', GOOD.replace('T0ACME', 'E0ACME')],
    ['no workspace', GOOD.replace('T0ACME/', '')],
    ['nothing', ''],
    ['only our host', BASE],
  ])('isn’t read with %s', (_what, url) => {
    expect(url).not.toBe(GOOD);
    expect(readLink(BASE, url)).toBeUndefined();
  });

  it('isn’t read in a huge address', () => {
    const huge = [`${GOOD}${'a'.repeat(1_000_000)}`, `${BASE}/links/T${'0'.repeat(1_000_000)}`, '/'.repeat(1_000_000)];
    for (const url of huge) expect(readLink(BASE, url)).toBeUndefined();
  });

  it('has one spelling, whatever is changed in it', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom('..', '/', '%2f', '%00', '@', '#', '?', '\\', ':', 'T', 'inv_', BASE),
    );
    fc.assert(
      fc.property(fc.nat(GOOD.length), fc.nat(GOOD.length), part, (from, length, inserted) => {
        const url = GOOD.slice(0, from) + inserted + GOOD.slice(from + length);
        const read = readLink(BASE, url);
        expect(read === undefined ? url : linkTo(BASE, read)).toBe(url);
      }),
      { numRuns: runs(2_000) },
    );
  });
});
