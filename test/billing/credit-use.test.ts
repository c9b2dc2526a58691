import { describe, expect, it } from '@jest/globals';
import { cost, credit, invoiceOf, taxed } from './build.ts';

const PROJECT = { projectId: 'prj_p1' };
const soon = { expireTime: new Date('2026-12-01T00:00:00Z') };
const later = { expireTime: new Date('2027-12-01T00:00:00Z') };
const older = { claimedAt: new Date('2026-01-01T00:00:00Z') };

describe('credits', () => {
  it('are taken project-scoped first, then the soonest to expire, then the oldest claim', () => {
    const credits = [
      credit('1', { code: 'NEVER' }),
      credit('1', { code: 'LATER', ...later }),
      credit('1', { code: 'OLDER', ...later, ...older }),
      credit('1', { code: 'SOON', ...soon }),
      credit('1', { code: 'MINE', ...PROJECT }),
      credit('1', { code: 'BOUGHT', type: 'purchase', ...PROJECT, ...soon }),
    ];
    const { uses } = invoiceOf([cost('100')], { credits });
    expect(uses).toEqual(['MINE 1.00', 'SOON 1.00', 'OLDER 1.00', 'LATER 1.00', 'NEVER 1.00', 'BOUGHT 1.00']);
  });

  it('of a project never pay for another, before tax or after', () => {
    const costs = [cost('10'), cost('90', { projectName: 'p2' })];
    const promotional = invoiceOf(costs, { credits: [credit('50', PROJECT)], tax: taxed('19') });
    expect(promotional.figures).toEqual(['90.00', '17.10', '107.10', '0.00', '107.10']);
    const bought = invoiceOf(costs, { credits: [credit('50', { ...PROJECT, type: 'purchase' })], tax: taxed('19') });
    expect(bought.figures).toEqual(['100.00', '19.00', '119.00', '11.90', '107.10']);
  });

  it('larger than the invoice leave the rest on the credit', () => {
    const { figures, uses } = invoiceOf([cost('7.77')], { credits: [credit('100')], tax: taxed('19') });
    expect(figures).toEqual(['0.00', '0.00', '0.00', '0.00', '0.00']);
    expect(uses).toEqual(['A 7.77']);
  });

  it('lower each rate of tax by its share', () => {
    const { lines, calculation } = invoiceOf([cost('100'), cost('50', { serviceName: 'Books' })], {
      credits: [credit('30')],
      tax: taxed('19', { Books: '7' }),
    });
    expect(lines.filter(([type]) => type === 'credit_consumption').map(([, , total]) => total)).toEqual([
      '-10.00',
      '-20.00',
    ]);
    expect(calculation.taxes.map(({ base, amount }) => [base.toFixed(2), amount.toFixed(2)])).toEqual([
      ['80.00', '15.20'],
      ['40.00', '2.80'],
    ]);
  });

  it('pay nothing where nothing is to be paid', () => {
    expect(
      invoiceOf([cost('-5')], { credits: [credit('10'), credit('10', { code: 'P', type: 'purchase' })] }).uses,
    ).toEqual([]);
  });
});
