import { describe, expect, it } from '@jest/globals';
import { inOrder, usePromotional, usePurchased } from '../../../src/billing/credit/credit-use.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { cost, credit, invoiceOf, rule, taxed } from '../build.ts';

const PROJECT = { projectId: 'prj_p1' };
const soon = { expireTime: new Date('2026-12-01T00:00:00Z') };
const later = { expireTime: new Date('2027-12-01T00:00:00Z') };
const older = { claimedAt: new Date('2026-01-01T00:00:00Z') };

describe('credits', () => {
  it('are used project credits first, then the soonest to expire, then the oldest claim', () => {
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

  it('of a project never pay for another, before or after tax', () => {
    const costs = [cost('10'), cost('90', { projectName: 'p2' })];
    const promotional = invoiceOf(costs, { credits: [credit('50', PROJECT)], tax: taxed('19') });
    expect(promotional.figures).toEqual(['90.00', '17.10', '107.10', '0.00', '107.10']);
    const bought = invoiceOf(costs, { credits: [credit('50', { ...PROJECT, type: 'purchase' })], tax: taxed('19') });
    expect(bought.figures).toEqual(['100.00', '19.00', '119.00', '11.90', '107.10']);
  });

  it('larger than the invoice keep the rest', () => {
    const { figures, uses } = invoiceOf([cost('7.77')], { credits: [credit('100')], tax: taxed('19') });
    expect(figures).toEqual(['0.00', '0.00', '0.00', '0.00', '0.00']);
    expect(uses).toEqual(['A 7.77']);
  });

  it('reduce each tax rate by its share', () => {
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

  it('never turn into cash: a promotion stops where the total would fall below zero', () => {
    const mixed = [cost('100'), cost('-60', { serviceName: 'Refund' })];
    const tax = taxed('7', { Refund: '19' });
    expect(invoiceOf(mixed, { tax }).figures[2]).toBe('35.60');
    const { figures, uses } = invoiceOf(mixed, { credits: [credit('40')], tax });
    expect([figures, uses]).toEqual([['6.73', '-6.73', '0.00', '0.00', '0.00'], ['A 33.27']]);

    const exempt = { rule: rule('0', 'E'), services: new Map([['Refund', rule('25.5')]]) };
    const refund = [cost('800'), cost('-700', { serviceName: 'Refund' })];
    expect(invoiceOf(refund, { tax: exempt }).figures[2]).toBe('-78.50');
    expect(invoiceOf(refund, { credits: [credit('60')], tax: exempt })).toMatchObject({
      figures: ['100.00', '-178.50', '-78.50', '0.00', '0.00'],
      uses: [],
    });
  });

  it('leave nothing for a second promotion or a purchased credit where the first one has brought the total to zero', () => {
    const credits = [credit('33'), credit('40', { code: 'B' }), credit('5', { code: 'P', type: 'purchase' })];
    const mixed = [cost('100'), cost('-60', { serviceName: 'Refund' })];
    const { figures, uses } = invoiceOf(mixed, { credits, tax: taxed('7', { Refund: '19' }) });
    expect([figures, uses]).toEqual([
      ['6.73', '-6.73', '0.00', '0.00', '0.00'],
      ['A 33.00', 'B 0.27'],
    ]);
  });

  it('of a project stop where its own part would fall below zero, which another project would be paid', () => {
    const costs = [cost('100'), cost('-60', { serviceName: 'Refund' }), cost('50', { projectName: 'p2' })];
    const own = invoiceOf(costs, { credits: [credit('40', PROJECT)], tax: taxed('7', { Refund: '19' }) });
    // 35.60 of project p1 and 53.50 of project p2
    expect([own.figures[2], own.uses]).toEqual(['53.50', ['A 33.27']]);
  });

  it('are not used when nothing is to be paid', () => {
    expect(
      invoiceOf([cost('-5')], { credits: [credit('10'), credit('10', { code: 'P', type: 'purchase' })] }).uses,
    ).toEqual([]);
  });
});

describe('the order of credits', () => {
  const codes = (...credits: ReturnType<typeof credit>[]) => {
    const forwards = inOrder(credits).map(({ code }) => code);
    expect(inOrder([...credits].reverse()).map(({ code }) => code)).toEqual(forwards);
    return forwards.join(' ');
  };

  it('puts a project’s credit before the group’s, even if it expires later and was claimed later', () => {
    expect(codes(credit('1', { code: 'GROUP', ...soon, ...older }), credit('1', { code: 'OWN', ...PROJECT }))).toBe(
      'OWN GROUP',
    );
  });

  it('puts the soonest to expire first, and credits without expiry last', () => {
    expect(
      codes(
        credit('1', { code: 'NEVER', ...older }),
        credit('1', { code: 'LATER', ...later, ...older }),
        credit('1', { code: 'SOON', ...soon }),
      ),
    ).toBe('SOON LATER NEVER');
  });

  it('puts the older claim first, with and without an expiry', () => {
    expect(codes(credit('1', { code: 'A', ...soon }), credit('1', { code: 'B', ...soon, ...older }))).toBe('B A');
    expect(codes(credit('1', { code: 'A' }), credit('1', { code: 'B', ...older }))).toBe('B A');
  });

  it('uses the ID when everything else is equal', () => {
    expect(codes(credit('1', { code: 'B' }), credit('1', { code: 'C' }), credit('1', { code: 'A' }))).toBe('A B C');
  });
});

describe('the amount of a credit used before tax', () => {
  const lines = (...amounts: [projectId: string, amount: string, rate?: string][]) =>
    amounts.map(([projectId, amount, rate = '19']) => ({ projectId, rule: rule(rate), amount: new Decimal(amount) }));
  const taken = (of: ReturnType<typeof lines>, ...credits: ReturnType<typeof credit>[]) => {
    const { uses, left } = usePromotional(of, credits, 'EUR');
    return {
      uses: uses.map((use) => `${use.credit.code} ${use.amount}`),
      left: left.map(({ amount }) => amount.toFixed()),
      parts: uses.flatMap((use) => use.parts.map((part) => `${part.rule.rate} % ${part.amount}`)),
    };
  };

  it('is limited to its project’s lines, and to the whole invoice after a refund', () => {
    const own = credit('50', PROJECT);
    expect(taken(lines(['prj_p1', '30'], ['prj_p2', '40']), own)).toMatchObject({ uses: ['A 30'], left: ['0', '40'] });
    expect(taken(lines(['prj_p1', '30'], ['prj_p2', '-20']), own)).toMatchObject({
      uses: ['A 10'],
      left: ['20', '-20'],
    });
    expect(taken(lines(['prj_p1', '-5'], ['prj_p2', '40']), own).uses).toEqual([]);
    expect(taken(lines(['prj_p1', '10'], ['prj_p1', '-10'], ['prj_p2', '40']), own).uses).toEqual([]);
  });

  it('reduces no line that is already negative', () => {
    expect(taken(lines(['prj_p1', '30'], ['prj_p1', '-10'], ['prj_p1', '10']), credit('20'))).toMatchObject({
      uses: ['A 20'],
      left: ['15', '-10', '5'],
    });
  });

  it('is in whole minor units, and a fraction of a cent stays on the credit', () => {
    expect(taken(lines(['prj_p1', '10']), credit('0.019'))).toMatchObject({ uses: ['A 0.01'], left: ['9.99'] });
    expect(taken(lines(['prj_p1', '10']), credit('0.009')).uses).toEqual([]);
    expect(taken(lines(['prj_p1', '10']), credit('0')).uses).toEqual([]);
  });

  it('is listed by tax rate, and added up for lines with the same rate', () => {
    const mixed = lines(['prj_p1', '10'], ['prj_p1', '20', '7'], ['prj_p1', '10'], ['prj_p2', '60', '5']);
    expect(taken(mixed, credit('20', PROJECT)).parts).toEqual(['19 % 10', '7 % 10']);
  });

  it('is spread over the tax rates first, so that the order of many equal lines favours none', () => {
    const alike = lines(
      ...Array.from({ length: 20 }, (_, at): [string, string, string] => ['prj_p1', '1', at < 10 ? '19' : '7']),
    );
    expect(taken(alike, credit('0.1')).parts).toEqual(['19 % 0.05', '7 % 0.05']);
    expect(taken(alike, credit('0.11')).parts).toEqual(['19 % 0.06', '7 % 0.05']);
  });

  it('leaves the next credit what is left, and leaves purchased credits for after tax', () => {
    const bought = credit('5', { code: 'P', type: 'purchase' });
    expect(taken(lines(['prj_p1', '10']), bought, credit('7'), credit('9', { code: 'B' }))).toMatchObject({
      uses: ['A 7', 'B 3'],
      left: ['0'],
    });
  });
});

describe('the amount a purchased credit pays after tax', () => {
  const bought = (remaining: string, code: string, projectId: string | null = null) =>
    credit(remaining, { code, projectId, type: 'purchase' });
  const paid = (credits: ReturnType<typeof credit>[], total: string, ...lines: [string, string, string?][]) =>
    usePurchased(
      lines.map(([projectId, amount, rate = '19']) => ({ projectId, rule: rule(rate), amount: new Decimal(amount) })),
      credits,
      new Decimal(total),
      'EUR',
    ).map((use) => `${use.credit.code} ${use.amount}`);

  it('is limited to the project’s share of the total, also for several credits of one project', () => {
    const credits = [bought('100', 'A', 'prj_p1'), bought('10', 'B', 'prj_p1'), bought('5', 'C', 'prj_p1')];
    // without subtracting what A paid, B and C would pay for project p2
    expect(paid(credits, '238', ['prj_p1', '100'], ['prj_p2', '100'])).toEqual(['A 100', 'B 10', 'C 5']);
    expect(
      paid([bought('110', 'A', 'prj_p1'), bought('50', 'B', 'prj_p1')], '238', ['prj_p1', '100'], ['prj_p2', '100']),
    ).toEqual(['A 110', 'B 9']);
    expect(
      paid([bought('119', 'A', 'prj_p1'), bought('50', 'B', 'prj_p1')], '238', ['prj_p1', '100'], ['prj_p2', '100']),
    ).toEqual(['A 119']);
  });

  it('adds up a project’s lines at all rates, with tax', () => {
    const lines: [string, string, string?][] = [
      ['prj_p1', '100'],
      ['prj_p1', '50', '7'],
      ['prj_p1', '100'],
      ['prj_p2', '10'],
    ];
    expect(paid([bought('1000', 'A', 'prj_p1')], '303.40', ...lines)).toEqual(['A 291.5']);
  });

  it('is limited to the open amount when a project’s share is larger than the total', () => {
    expect(paid([bought('100', 'A', 'prj_p1')], '59.50', ['prj_p1', '100'], ['prj_p2', '-50'])).toEqual(['A 59.5']);
  });

  it('is nothing for a project without lines, and nothing once all is paid', () => {
    expect(paid([bought('100', 'A', 'prj_other')], '119', ['prj_p1', '100'])).toEqual([]);
    expect(paid([bought('119', 'A'), bought('5', 'B')], '119', ['prj_p1', '100'])).toEqual(['A 119']);
    expect(paid([bought('100', 'A'), bought('100', 'B')], '119', ['prj_p1', '100'])).toEqual(['A 100', 'B 19']);
  });

  it('doesn’t include promotional credits', () => {
    expect(paid([credit('5'), bought('5', 'P')], '119', ['prj_p1', '100'])).toEqual(['P 5']);
  });
});
