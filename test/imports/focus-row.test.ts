import { describe, expect, it } from '@jest/globals';
import type { FocusRow, RejectedRow } from '../../src/imports/focus/focus.ts';
import { csv, readAll, readOne, rejected, row } from './focus-file.ts';

const hashOf = (found: FocusRow | RejectedRow): string => (found.kind === 'row' ? found.hash : `line ${found.line}`);

describe('a row of a cost file', () => {
  it('becomes a cost with everything a usage record needs', async () => {
    const { hash, amount, ...cost } = await readOne(row({ x_Team: 'blue', SkuId: 'NULL' }));
    expect(amount.toFixed()).toBe('1.25');
    expect(hash).toHaveLength(32);
    expect(cost).toEqual({
      kind: 'row',
      line: 2,
      markedHashes: [expect.any(String)],
      source: 'focus:payer-1',
      billingMonth: '2024-09',
      subAccountId: 'account-1',
      subAccountName: 'Team A',
      serviceName: 'Machines',
      serviceType: 'Compute',
      plan: null,
      cloudName: 'aws-us-west-2',
      lineType: 'service_charge',
      description: 'Hours of a machine',
      begin: new Date('2024-09-01T00:00:00Z'),
      end: new Date('2024-09-02T00:00:00Z'),
      currency: 'USD',
      tags: { env: 'dev' },
      columns: row({ x_Team: 'blue' }),
    });
  });

  it('keeps every non-null cell as it is in the file, by its column’s published name', async () => {
    const { columns } = await readOne({ ...row({ x_New: ' 5 ', SkuId: '', SkuPriceId: 'NULL' }), skumeter: 'calls' });
    expect(columns).toEqual({ ...row({ x_New: ' 5 ' }), skumeter: 'calls' });
    expect((await readOne({ ...row({ Tags: undefined }), TAGS: '{}' })).columns).toMatchObject({ Tags: '{}' });
  });

  it('has a quantity of its SKU: the priced one, or else the consumed one', async () => {
    const measured = async (cells: Readonly<Record<string, string>>) => {
      const { measured: found } = await readOne(row(cells));
      return found && `${found.quantity.toFixed()} ${found.unit} of ${found.item}`;
    };
    const consumed = { SkuId: 'sku', ConsumedQuantity: '3600', ConsumedUnit: 's' };
    expect(await measured({ ...consumed, PricingQuantity: '1e0', PricingUnit: 'h' })).toBe('1 h of sku');
    expect(await measured({ ...consumed, PricingQuantity: '0' })).toBe('3600 s of sku');
    expect(await measured({ SkuPriceId: 'price', PricingQuantity: '-2.50' })).toBe('-2.5  of price');
    expect(await measured({ PricingQuantity: '7', PricingUnit: 'h' })).toBe('7 h of Hours of a machine');
    expect(await measured({ SkuId: 'x'.repeat(300), PricingQuantity: '7', PricingUnit: 'h' })).toHaveLength(207);
    for (const PricingQuantity of ['many', '1,000', '1e40', '1e-40', '', '0.00'])
      expect(await measured({ SkuId: 'sku', PricingQuantity })).toBeUndefined();
  });

  it('doesn’t share its tags with the next row', async () => {
    const [one, other] = await readAll(csv(row(), row()));
    if (one?.kind !== 'row' || other?.kind !== 'row') throw new Error('rejected');
    one.tags.env = 'changed';
    expect(other.tags).toEqual({ env: 'dev' });
  });
});

describe('the payer of a cost', () => {
  it('is the billing account itself when no sub-account is named', async () => {
    const cost = await readOne(row({ SubAccountId: 'NULL', SubAccountName: 'ignored' }));
    expect(cost).toMatchObject({ subAccountId: 'payer-1', subAccountName: 'Payer' });
    const withoutColumn = await readOne(row({ SubAccountId: undefined, SubAccountName: undefined }));
    expect(withoutColumn).toMatchObject({ subAccountId: 'payer-1', subAccountName: 'Payer' });
  });

  it('is unknown when neither is named, and the row is rejected', async () => {
    const found = await rejected(row({ SubAccountId: '', BillingAccountId: 'NULL' }));
    expect(found).toMatchObject({ line: 2, column: 'SubAccountId' });
  });

  it('is named without surrounding spaces, or not at all', async () => {
    expect(await readOne(row({ SubAccountId: ' a ', SubAccountName: '' }))).toMatchObject({
      subAccountId: 'a',
      subAccountName: null,
    });
  });

  it('has a source: the given one, or else the billing account, or else the sub-account', async () => {
    expect((await readOne(row(), { source: 'september' })).source).toBe('september');
    expect((await readOne(row())).source).toBe('focus:payer-1');
    expect((await readOne(row({ BillingAccountId: '' }))).source).toBe('focus:sub-account:account-1');
  });
});

describe('the time of a charge', () => {
  it('is in UTC when no zone is named', async () => {
    const cost = await readOne(
      row({ ChargePeriodStart: '2024-09-30 23:00:00', ChargePeriodEnd: '2024-10-01T01:00:00+01:00' }),
    );
    expect([cost.begin, cost.end]).toEqual([new Date('2024-09-30T23:00:00Z'), new Date('2024-10-01T00:00:00Z')]);
  });

  it('can end when it starts, but not before', async () => {
    await expect(readOne(row({ ChargePeriodEnd: '2024-09-01T00:00:00Z' }))).resolves.toBeDefined();
    expect(await rejected(row({ ChargePeriodEnd: '2024-08-31 23:59:59' }))).toMatchObject({
      column: 'ChargePeriodEnd',
      value: '2024-08-31 23:59:59',
    });
  });

  it.each([
    ['ChargePeriodStart', '2024-02-30'],
    ['ChargePeriodEnd', 'tomorrow'],
    ['BillingPeriodStart', '2024-13-01'],
  ])('is rejected when %s isn’t a date', async (column, value) => {
    expect(await rejected(row({ [column]: value }))).toMatchObject({ column, value });
  });

  it.each(['ChargePeriodStart', 'ChargePeriodEnd'])('is rejected without %s', async (column) => {
    const found = await rejected(row({ [column]: 'NULL' }));
    expect(found.column).toBe(column);
    expect(found).not.toHaveProperty('value');
  });

  it.each([
    ['2024-10-01T00:00:00Z', '2024-10'],
    ['2024-09-30T23:00:00-02:00', '2024-10'],
    ['', '2024-09'],
    [undefined, '2024-09'],
  ])(
    'belongs to the UTC month of BillingPeriodStart (%s), or else of the charge: %s',
    async (BillingPeriodStart, month) => {
      expect((await readOne(row({ BillingPeriodStart }))).billingMonth).toBe(month);
    },
  );
});

describe('the amount of a cost', () => {
  it.each([
    ['8E-7', '0.0000008'],
    ['+1.50', '1.5'],
    ['-13.37', '-13.37'],
    ['-0.00', '0'],
    ['9999999999999999.999999999999999999', '9999999999999999.999999999999999999'],
    ['1e-18', '0.000000000000000001'],
    ['1E+27', '1000000000000000000000000000'],
    ['0.0000000000000000010000000', '0.000000000000000001'],
  ])('%s is read exactly', async (BilledCost, expected) => {
    const { amount } = await readOne(row({ BilledCost }));
    expect(amount.toFixed()).toBe(expected);
    expect(amount.isNegative()).toBe(expected.startsWith('-'));
  });

  it.each([
    ['NULL', 'no amount'],
    ['NaN', 'n’t a number'],
    ['-Infinity', 'n’t a number'],
    ['1,234.50', 'n’t a number'],
    ['USD 5', 'n’t a number'],
    ['12345678901234.567890123456789012345', 'more than 18 digits after'],
    ['12345678901234567890123456789', 'more than 28 digits before'],
    ['-1e28', 'more than 28 digits before'],
    ['1e-19', 'more than 18 digits after'],
    ['1e99999', 'more than 28 digits before'],
  ])('%s is rejected: %s', async (BilledCost, reason) => {
    const found = await rejected(row({ BilledCost }));
    expect(found.column).toBe('BilledCost');
    expect(found.reason).toContain(reason);
  });

  it('with more digits than can be stored is rounded to 34, with a warning', async () => {
    const cost = await readOne(row({ BilledCost: '1234567890123456789012345678.123456789012345678' }));
    expect(cost.amount.toFixed()).toBe('1234567890123456789012345678.123457');
    expect(cost.warnings).toMatchObject([{ column: 'BilledCost', reason: 'The amount was rounded to 34 digits.' }]);
  });

  it('is in an ISO 4217 currency', async () => {
    expect((await readOne(row({ BillingCurrency: ' eur ' }))).currency).toBe('EUR');
    for (const BillingCurrency of ['NULL', 'US', 'EURO', 'XYZ', '€', 'Credits']) {
      expect((await rejected(row({ BillingCurrency }))).column).toBe('BillingCurrency');
    }
  });
});

describe('the type of a charge', () => {
  it.each([
    ['Usage', 'service_charge'],
    ['Purchase', 'service_charge'],
    ['Tax', 'extra_charge'],
    ['Adjustment', 'extra_charge'],
    ['Credit', 'other_event'],
    ['usage', 'service_charge'],
  ])('%s is a %s', async (ChargeCategory, lineType) => {
    expect((await readOne(row({ ChargeCategory }))).lineType).toBe(lineType);
  });

  it.each(['', 'Refund', 'constructor', '__proto__'])('%j is rejected', async (ChargeCategory) => {
    expect((await rejected(row({ ChargeCategory }))).column).toBe('ChargeCategory');
  });

  it('is support when the file says so, and not because of a service with that name', async () => {
    expect((await readOne(row({ ServiceSubcategory: 'Support' }))).lineType).toBe('support_charge');
    expect((await readOne(row({ ServiceCategory: 'Support', ChargeCategory: 'Purchase' }))).lineType).toBe(
      'support_charge',
    );
    expect((await readOne(row({ ServiceSubcategory: 'Support', ChargeCategory: 'Tax' }))).lineType).toBe(
      'extra_charge',
    );
    expect((await readOne(row({ ServiceName: 'Support' }))).lineType).toBe('service_charge');
  });
});

describe('labels', () => {
  it('never reject a cost: a service without a name is imported with a warning', async () => {
    const cost = await readOne(row({ ServiceName: '', ChargeDescription: 'NULL', ServiceCategory: '' }));
    expect(cost).toMatchObject({
      serviceName: 'Unknown service',
      serviceType: null,
      description: 'Usage: Unknown service',
    });
    expect(cost.warnings).toMatchObject([{ column: 'ServiceName' }]);
  });

  it('never reject a cost: tags that aren’t JSON stay in the columns, with a warning', async () => {
    const cost = await readOne(row({ Tags: 'env=dev' }));
    expect(cost).toMatchObject({ tags: {}, columns: { Tags: 'env=dev' } });
    expect(cost.warnings).toMatchObject([{ column: 'Tags', value: 'env=dev' }]);
  });

  it.each(['', 'NULL', undefined])('can lack tags: %s', async (Tags) => {
    const cost = await readOne(row({ Tags }));
    expect(cost.tags).toEqual({});
    expect(cost).not.toHaveProperty('warnings');
  });

  it.each([
    [{ ProviderName: 'AWS' }, 'aws-us-west-2'],
    [{ ProviderName: 'Amazon Web Services, Inc.' }, 'aws-us-west-2'],
    [{ ProviderName: 'Microsoft', RegionId: 'eastus' }, 'azure-eastus'],
    [{ ProviderName: 'Google Cloud', RegionId: 'europe-west1' }, 'google-europe-west1'],
    [{ ProviderName: 'Oracle', RegionId: 'us-ashburn-1' }, 'oracle-us-ashburn-1'],
    [{ ProviderName: 'Awsome Hosting' }, 'awsome-hosting-us-west-2'],
    [{ ProviderName: undefined, ServiceProviderName: 'AWS' }, 'aws-us-west-2'],
    [{ ProviderName: '', HostProviderName: 'AWS', ServiceProviderName: 'Databricks' }, 'aws-us-west-2'],
    [{ ProviderName: 'NULL' }, 'us-west-2'],
    [{ RegionId: 'NULL' }, null],
  ])('name the cloud by provider and region: %j is %s', async (changes, cloudName) => {
    expect((await readOne(row(changes))).cloudName).toBe(cloudName);
  });
});

describe('a rejected row', () => {
  it('is reported with line, column, reason and value, and the valid rows are imported', async () => {
    const rows = await readAll(csv(row(), row({ ChargeDescription: 'two\nlines', BilledCost: 'free' }), row()));
    expect(rows.map(({ kind, line }) => [kind, line])).toEqual([
      ['row', 2],
      ['rejected', 3],
      ['row', 5],
    ]);
    expect(rows[1]).toEqual({
      kind: 'rejected',
      line: 3,
      column: 'BilledCost',
      reason: expect.stringMatching(/^The amount isn’t a number.*\.$/),
      value: 'free',
    });
  });

  it.each([
    ['x'.repeat(80), 'x'.repeat(80)],
    ['x'.repeat(81), `${'x'.repeat(79)}…`],
    ['🧾'.repeat(200), `${'🧾'.repeat(79)}…`],
  ])('shows at most 80 characters of the value', async (BilledCost, value) => {
    expect((await rejected(row({ BilledCost }))).value).toBe(value);
  });

  it('can have fewer or more cells than the header', async () => {
    const [header, line] = csv(row({ Tags: 'NULL' })).split('\n');
    const rows = await readAll(`${header}\n${line},extra\na,b\n${line},,\n`);
    expect(rows.map(({ kind }) => kind)).toEqual(['rejected', 'rejected', 'row']);
    expect(rows[0]).toMatchObject({ column: '(row)', reason: 'The row has 17 cells, the header 16.' });
  });

  it('can have mismatched quotation marks, reported with the column', async () => {
    const [header] = csv(row()).split('\n');
    const rows = await readAll(`${header}\n1,"a"b,c\n"2,x\n${csv(row()).split('\n').slice(1).join('\n')}`);
    expect(rows.map((found) => (found.kind === 'rejected' ? [found.line, found.column] : [found.line]))).toEqual([
      [2, 'BillingAccountId'],
      [3, 'BilledCost'],
      [4],
    ]);
  });

  it('with an extra quotation mark anywhere affects no other row', async () => {
    const others = [1, 2, 4, 5].map((n) => row({ BilledCost: String(n), ChargeDescription: 'a, "b"\nc' }));
    const bad = csv(row({ BilledCost: '3' })).split('\n')[1] ?? '';
    const [first, second, ...last] = others;
    const before = csv(first ?? {}, second ?? {});
    const after = csv(...last)
      .split('\n')
      .slice(1)
      .join('\n');
    const good = await readAll(csv(...others));
    for (let at = 0; at <= bad.length; at++) {
      const rows = await readAll(`${before}${bad.slice(0, at)}"${bad.slice(at)}\n${after}`);
      const amounts = rows.flatMap((found) => (found.kind === 'row' ? [found.amount.toFixed()] : []));
      expect(amounts.filter((amount) => amount !== '3')).toEqual(['1', '2', '4', '5']);
      expect(rows.filter((found) => good.some((other) => hashOf(other) === hashOf(found)))).toHaveLength(4);
    }
  });

  it('is never one with only empty cells, which spreadsheets leave', async () => {
    expect(await readAll(`${csv(row())}${','.repeat(15)}\n\n`)).toHaveLength(1);
  });
});
