import { describe, expect, it } from '@jest/globals';
import { may, purposeOf, type Right, ROLES, roleName, rolesWith } from '../../../src/billing/account/role.ts';
import { isReservedName, roleOfScope, tokenStanding } from '../../../src/billing/account/token.ts';

/** The table of permissions (domain.md). */
const RIGHTS: Readonly<Record<Right, string>> = {
  see: 'owner billing_admin approver member viewer',
  see_private: 'owner billing_admin',
  edit_groups: 'owner billing_admin',
  edit_projects: 'owner billing_admin approver member',
  approve_moves: 'owner billing_admin approver',
  issue: 'owner billing_admin',
  administer: 'owner',
};

describe('the rights of a role', () => {
  it.each(Object.entries(RIGHTS))('to %s belong to %s', (right, roles) => {
    expect(ROLES.filter((role) => may(role, right as Right)).join(' ')).toBe(roles);
    expect(rolesWith(right as Right).join(' ')).toBe(roles);
    expect(purposeOf(right as Right)).toMatch(/^[a-z]/);
  });

  it('come with a readable name', () => {
    expect(roleName('billing_admin')).toBe('billing admin');
    expect(roleName('owner')).toBe('owner');
  });
});

describe('a token of the Invoice API', () => {
  it('can write like an owner and read like a viewer', () => {
    expect(roleOfScope('billing:write')).toBe('owner');
    expect(roleOfScope('billing:read')).toBe('viewer');
  });

  it.each([
    ['U123ABC', true],
    ['W1', true],
    ['S0AB', true],
    ['automation', true],
    ['operator', true],
    ['U', false],
    ['Uwe', false],
    ['X123', false],
    ['the operator', false],
    ['automation 2', false],
    ['Datev U1', false],
    ['U1 export', false],
  ])('can’t pose as someone else in the log: %s is reserved: %s', (name, isReserved) => {
    expect(isReservedName(name)).toBe(isReserved);
  });

  it('is active until it is revoked or expires', () => {
    const now = new Date('2026-10-01T00:00:00Z');
    const at = (offset: number) => new Date(now.getTime() + offset);
    expect(tokenStanding({ expiresAt: null, revokedAt: null }, now)).toBe('active');
    expect(tokenStanding({ expiresAt: at(1), revokedAt: null }, now)).toBe('active');
    expect(tokenStanding({ expiresAt: now, revokedAt: null }, now)).toBe('expired');
    expect(tokenStanding({ expiresAt: at(1), revokedAt: at(-1) }, now)).toBe('revoked');
    expect(tokenStanding({ expiresAt: at(-1), revokedAt: at(-1) }, now)).toBe('revoked');
  });
});
