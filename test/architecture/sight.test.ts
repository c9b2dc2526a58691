import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ROOTS, sourcesIn } from './sources.ts';

/**
 * Functions that admit everybody who sees the account without asking which groups they see, and why nothing private can
 * come of it. Whatever else admits them has to use the sight that it gets, or names a group (`admitTo`).
 */
const NOTHING_PRIVATE: Readonly<Record<string, string>> = {
  'src/services/access/members.ts listMembers': 'people and roles',
  'src/services/access/members.ts leaveAccount': 'the caller’s own role',
  'src/services/accounts/home-visits.ts noteVisit': 'only that the Home was opened',
  'src/services/accounts/home-visits.ts paymentsToFollowUp': 'only for roles that see all groups',
  'src/services/accounts/invoice-settings.ts numberingNow': 'the account’s numbering',
  'src/services/accounts/invoice-settings.ts taxesNow': 'the account’s tax rates',
  'src/services/accounts/settings.ts settingsNow': 'the account’s settings',
  'src/services/anomalies/anomaly-answers.ts answerableAnomaly': 'only about an anomaly that the caller sees',
  'src/services/budgets/budgets.ts usedUpBudgets': 'only for roles that see all groups',
  'src/services/costs/rates.ts listRates': 'exchange rates',
  'src/services/events/event-log.ts verifyLog': 'the number of entries, and a hash',
  'src/services/moves/move-decide.ts approveMove': 'only for the approvers of the request',
  'src/services/moves/move-decide.ts rejectMove': 'only for the approvers of the request',
  'src/services/moves/move-decide.ts assertDecidable': 'only for the approvers of the request',
  'src/services/moves/move-decide.ts withdrawMove': 'only for the person who asked',
  'src/services/notices/subscriptions.ts change': 'only the caller’s own, or with the right to edit groups',
  'src/services/notices/subscriptions.ts removeSubscription': 'only the caller’s own, or with the right to edit groups',
  'src/services/notices/subscriptions.ts theirs': 'only the caller’s own, or with the right to edit groups',
  'src/services/projects/project-leads.ts myProjectIds': 'leads see the groups of their projects',
};

/** Where everything is seen: background work, and the places that decide who sees what. */
const SEES_ALL: readonly string[] = [
  'src/billing/account/sight.ts',
  'src/services/access/rights.ts',
  'src/services/access/sight.ts',
  'src/services/invoicing/dry-run.ts',
  'src/services/moves/move-read.ts',
  'src/services/notices/maker-sight.ts',
  'src/services/notices/next-notice.ts',
];

const ADMITS = /\b(?:admit|inChange|inAccountChange)\([^;]*?'(?:see|edit_projects|approve_moves)'/;
const USES = /\bsight\b|\badmission\b|\badmitTo\(/;

/** The functions of a file that admit more people than owners and billing admins, and don't use what they see. */
function blindIn(file: string, text: string): string[] {
  const functions = text.split(/^(?=(?:export )?(?:async )?function)/m);
  return functions.flatMap((body) => {
    const name = /function\*? (\w+)/.exec(body)?.[1] ?? '';
    return ADMITS.test(body) && !USES.test(body) ? [`${file} ${name}`] : [];
  });
}

const SERVICES = sourcesIn(['src/services']).filter((file) => file !== 'src/services/access/rights.ts');

describe('private groups', () => {
  it('are considered by every service that admits people who may not see them', () => {
    const blind = SERVICES.flatMap((file) => blindIn(file, readFileSync(file, 'utf8')));
    expect(blind.sort()).toEqual(Object.keys(NOTHING_PRIVATE).sort());
  });

  it('are only ignored where everything may be seen', () => {
    const all = sourcesIn(ROOTS).filter((file) => /\bFULL_SIGHT\b|new Sight\(/.test(readFileSync(file, 'utf8')));
    expect(all).toEqual(SEES_ALL);
  });

  it('are noticed by this test', () => {
    const code = (body: string) => `async function list(ctx: Ctx) {\n  ${body}\n}\n`;
    expect(blindIn('a.ts', code("await admit(ctx, accountId, 'see');"))).toEqual(['a.ts list']);
    expect(blindIn('a.ts', code("return inChange(ctx, id, 'edit_projects', (tx) => tx);"))).toEqual(['a.ts list']);
    expect(blindIn('a.ts', code("const { sight } = await admit(ctx, accountId, 'see');"))).toEqual([]);
    expect(blindIn('a.ts', code("await admit(ctx, accountId, 'issue');"))).toEqual([]);
  });
});
