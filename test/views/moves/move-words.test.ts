import { describe, expect, it } from '@jest/globals';
import type { MoveSummary } from '../../../src/services/moves/move-read.ts';
import { LIMITS } from '../../../src/slack/limits/limits.ts';
import { moveOutcomeMessage, moveRequestMessage, ownMoveLine } from '../../../views/moves/move-request.ts';
import { confirmationText, projectNamesText } from '../../../views/moves/move-words.ts';

function projects(names: readonly string[]): MoveSummary['projects'] {
  return names.map((name, at) => ({ projectId: `prj_${at}`, name, label: null, fromGroupId: 'grp_a' }));
}

const MOVE: MoveSummary = {
  ...{ _id: 'mov_1', accountId: 'acc_1', toGroupId: 'grp_b', projects: projects(['web-shop', 'web-api']) },
  ...{ effect: 'period_start', effectAt: new Date('2026-10-31T23:00:00Z'), reason: '', timeZone: 'Europe/Berlin' },
  ...{ askedBy: 'U0MAX', askedAt: new Date('2026-11-20T12:00:00Z'), state: 'open', asked: ['grp_b'], needed: 1 },
  ...{ approvals: [], decidedBy: null, decidedAt: null, outcome: null, remindAt: null, copies: [], version: 1 },
  ...{ expiresAt: new Date('2026-11-27T12:00:00Z'), toGroupName: 'Production', fromGroupNames: ['Development'] },
};

describe('a request', () => {
  it('names its projects, the group and the effective date', () => {
    expect(moveRequestMessage(MOVE).text).toBe(
      '<@U0MAX> asked to move 2 projects (web-shop, web-api) to Production, effective 1 November 2026',
    );
  });

  it('names five of many projects, and counts the others', () => {
    expect(projectNamesText(projects(['a', 'b', 'c', 'd', 'e', 'f', 'g']))).toBe(
      '7 projects (a, b, c, d, e and 2 more)',
    );
  });

  it('says the same in the dialog that confirms the approval', () => {
    const [button] =
      moveRequestMessage(MOVE).blocks?.flatMap((block) => (block.type === 'actions' ? block.elements : [])) ?? [];
    expect(button).toMatchObject({
      confirm: { text: { text: 'Move 2 projects (web-shop, web-api) to Production, effective 1 November 2026.' } },
    });
  });

  it('fits into the dialog with the group and the date, whatever the names', () => {
    const names = Array.from({ length: 1024 }, (_, at) => `${at}`.padEnd(63, 'x'));
    const effect = { effect: 'now', timeZone: 'America/Argentina/Buenos_Aires' } as const;
    const text = confirmationText({ ...MOVE, ...effect, projects: projects(names), toGroupName: 'P'.repeat(128) });
    expect(text).toContain('and 1019 more) to P');
    expect(text).toMatch(/, effective 31 October 2026, 20:00 \(America\/Argentina\/Buenos_Aires\)\.$/);
    expect(text.length).toBeLessThanOrEqual(LIMITS.confirm.text);
  });

  it('offers approvers no button to withdraw it, and tells the requester where there is one', () => {
    const shown = JSON.stringify(moveRequestMessage(MOVE));
    expect(shown).not.toContain('Withdraw request');
    expect(shown).toContain('the requester can withdraw it with `/billing requests`');
    expect(JSON.stringify(ownMoveLine(MOVE))).toContain(
      '2 projects (web-shop, web-api) won’t be moved to Production. You can send a new request later.',
    );
  });

  it('approved for a later date says which date applies, and why', () => {
    const later = { effectAt: new Date('2026-11-30T23:00:00Z'), wantedAt: MOVE.effectAt };
    const decided = { state: 'approved', decidedBy: 'U0ANN', decidedAt: new Date('2026-12-03T12:00:00Z') } as const;
    const date = 'effective 1 December 2026 instead of 1 November 2026, because November 2026 has been invoiced';
    const { text } = moveOutcomeMessage({ ...MOVE, ...later, ...decided });
    expect(text).toContain(
      `Your move of 2 projects (web-shop, web-api) to Production, ${date}: *Approved* by <@U0ANN>`,
    );
  });
});
