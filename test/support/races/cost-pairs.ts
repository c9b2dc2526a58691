import { updateSettings } from '../../../src/services/accounts/settings.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { confirmReplacement } from '../../../src/services/costs/replacement-decide.ts';
import { deleteGroup } from '../../../src/services/groups/groups.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { Adjustments } from '../../../src/store/invoicing/adjustments.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { costRow } from '../invoices/invoices.ts';
import { type Given, type Pair, pair } from './pair.ts';
import { file, OCTOBER, openWorld, type RaceWorld } from './race-world.ts';

const close =
  ({ ctx, accountId, groupId }: RaceWorld) =>
  () =>
    closeInvoice(ctx, { _id: groupId, accountId }, OCTOBER);
const load =
  ({ ctx, accountId }: RaceWorld, rows: readonly string[]) =>
  () =>
    importFocus(ctx, { accountId, fileName: 'late.csv', replace: false, batchSize: 1, open: file(rows) });
const move =
  ({ ctx, accountId, projectId, otherId }: RaceWorld, effect: 'now' | 'period_start' = 'now') =>
  () =>
    askMove(ctx, { accountId, projectIds: [projectId], toGroupId: otherId, effect, reason: 'Because.' });
const LATE = [costRow('7'), costRow('5', { project: 'p2' })];
/** At the edges of months, so that another time zone books them to another one. */
const EDGES = ['2026-11-01', '2026-10-01', '2026-11-02'].map((day) => costRow('3', { day, project: 'p3' }));

/** In the next month, which has no estimates yet. */
const NEXT_MONTH = [costRow('3', { day: '2026-12-06' })];

/** An account in which a replacement of October’s costs waits for its confirmation. */
async function withReplacement(given: Given): Promise<RaceWorld & { readonly importId: string }> {
  const world = await openWorld(given);
  const { ctx, accountId } = world;
  const input = { accountId, fileName: 'x.csv', replace: true, confirmation: 'ask' as const };
  const { id } = await importFocus(ctx, { ...input, open: file([costRow('10'), costRow('20', { project: 'p2' })]) });
  return { ...world, importId: id };
}

export const COST_PAIRS: Readonly<Record<string, Pair>> = {
  'an import and a change of the time zone': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      load(of, EDGES),
      () => updateSettings(of.ctx, of.accountId, { settings: { timeZone: 'Pacific/Auckland' } }),
    ],
  }),
  'an import and a close': pair({ world: openWorld, works: (of: RaceWorld) => [load(of, LATE), close(of)] }),
  'an import and a move': pair({ world: openWorld, works: (of: RaceWorld) => [load(of, LATE), move(of)] }),
  'an import for the next month and a move': pair({
    world: openWorld,
    works: (of: RaceWorld) => [load(of, NEXT_MONTH), move(of)],
  }),
  'an import and the deletion of a group': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      load(of, [costRow('9', { project: 'new' })]),
      () => deleteGroup(of.ctx, { accountId: of.accountId, billingGroupId: of.otherId }),
    ],
  }),
  'two imports of one file': pair({ world: openWorld, works: (of: RaceWorld) => [load(of, LATE), load(of, LATE)] }),
  'a replacement and a close': pair({
    world: withReplacement,
    works: (of) => [() => confirmReplacement(of.ctx, of), close(of)],
  }),
  'a replacement and a move': pair({
    world: withReplacement,
    works: (of) => [() => confirmReplacement(of.ctx, of), move(of)],
  }),
  'a move and a close': pair({ world: openWorld, works: (of: RaceWorld) => [move(of, 'period_start'), close(of)] }),
  'a move and the close of the group it goes to': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      move(of, 'period_start'),
      () => closeInvoice(of.ctx, { _id: of.otherId, accountId: of.accountId }, OCTOBER),
    ],
  }),
  'two closes': pair({ world: openWorld, works: (of: RaceWorld) => [close(of), close(of)] }),
  'the closes of two groups': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      close(of),
      () => closeInvoice(of.ctx, { _id: of.otherId, accountId: of.accountId }, OCTOBER),
    ],
  }),
  'a close and a change of the time zone': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      close(of),
      () => updateSettings(of.ctx, of.accountId, { settings: { timeZone: 'Pacific/Auckland' } }),
    ],
  }),
  'a close and another prefix of numbers': pair({
    world: openWorld,
    works: (of: RaceWorld) => [
      close(of),
      () => updateSettings(of.ctx, of.accountId, { settings: { invoicePrefix: 'NEXT' } }),
    ],
  }),
  'an extra charge and a close': pair({
    world: openWorld,
    works: (of: RaceWorld) => {
      const charge = { kind: 'charge' as const, description: 'Setup', amount: '11.00', from: '2026-10' };
      const ids = { accountId: of.accountId, billingGroupId: of.groupId };
      return [() => createAdjustment(of.ctx, { ...ids, ...charge }), close(of)];
    },
    /** One that was accepted for a month is on its invoice. */
    async faults({ accountId, groupId }) {
      const made = await Adjustments.find({ accountId }).lean();
      const invoice = await Invoices.findOne({ billingGroupId: groupId, period: OCTOBER }).orFail().lean();
      const lines = await Lines.find({ invoiceId: invoice._id, description: 'Setup' }).lean();
      return made.length === lines.length ? [] : [`${made.length} charges, and ${lines.length} on the invoice`];
    },
  }),
};
