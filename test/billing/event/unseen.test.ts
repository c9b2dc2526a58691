import { describe, expect, it } from '@jest/globals';
import { isUnseen } from '../../../src/billing/event/unseen.ts';

const UNSEEN = { groupIds: ['g1'], projectIds: ['p1'], requestIds: ['r1'] };
const event = { type: 'project_moved' as const, billingGroupId: 'g2', projectId: 'p2' };

describe('an event is hidden from a reader', () => {
  it.each([
    ['of a group that they don’t see', { billingGroupId: 'g1' }],
    ['of a project in such a group', { projectId: 'p1' }],
    ['about what left such a group', { before: { billingGroupId: 'g1' } }],
    ['about several groups, one of them such a group', { after: { billingGroupIds: ['g3', 'g1'] } }],
    ['of a request from or to such a group', { after: { requestId: 'r1' } }],
    ['that names groups of the whole account', { type: 'import_finished' as const }],
  ])('%s', (_what, fields) => {
    expect(isUnseen({ ...event, ...fields }, UNSEEN)).toBe(true);
  });

  it.each([
    ['of other groups, projects and requests', {}],
    ['with other data', { before: { billingGroupId: 'g3' }, after: { billingGroupIds: ['g3'], requestId: 'r2' } }],
    ['with data that aren’t fields', { before: 'g1', after: null }],
    ['with data that aren’t IDs', { before: { billingGroupId: 1 }, after: { billingGroupIds: 7, requestId: null } }],
  ])('not one %s', (_what, fields) => {
    expect(isUnseen({ ...event, ...fields }, UNSEEN)).toBe(false);
  });

  it('not one without a group or a project', () => {
    expect(
      isUnseen({ type: 'account_updated' }, { groupIds: ['', 'undefined'], projectIds: ['p1'], requestIds: [] }),
    ).toBe(false);
  });
});
