import { Decimal } from '../../src/billing/money/money.ts';
import type { BillingDocument } from '../../src/documents/document.ts';
import { BUYER, credit, documentOf, line, SELLER, taxed } from './documents.ts';

const LISBON = {
  ...BUYER,
  groupName: 'Data',
  company: 'Azulejo Analytics, Lda.',
  addressLines: ['Rua Garrett 74'],
  zipCode: '1200-204',
  city: 'Lisboa',
  countryCode: 'PT',
  vatId: 'PT501964843',
  extraText: 'Cost centre 4711',
};

const SERVICES = [
  'Compute',
  'Object storage',
  'Managed PostgreSQL',
  'Kafka',
  'Load balancer',
  'Data transfer',
  'Backups',
];

/** A typical domestic invoice in euros. */
export function domestic(): BillingDocument {
  return documentOf(
    [
      line('web-shop', 'Managed PostgreSQL, business-8', '1240.00', {
        serviceType: 'pg',
        cloudName: 'aws-eu-central-1',
        projectLabel: '123456789012',
        preDiscount: new Decimal('1550.00'),
      }),
      line('web-shop', 'Kafka, startup-2', '212.37', { serviceType: 'kafka', cloudName: 'aws-eu-central-1' }),
      line('data-lake', 'Object storage', '87.04', { begin: '2026-10-12' }),
      line('data-lake', 'Late cost of September 2026: Compute', '19.90', { begin: '2026-09-28', end: '2026-09-30' }),
      line('', '', '50.00', { lineType: 'support_charge', description: 'Support, business hours', records: 0 }),
    ],
    { prepaid: [{ code: 'PREPAID-26', amount: new Decimal('500.00') }] },
  );
}

/** Reverse charge within the EU, reduced by credits. */
export function reverseCharge(): BillingDocument {
  return documentOf(
    taxed(
      [
        line('analytics', 'Compute', '8204.11'),
        line('analytics', 'Data transfer', '310.86'),
        line('Προβολή Αθήνα', 'Managed PostgreSQL, business-4', '640.00'),
        line('Проект Днепр', 'Kafka, business-4', '1180.50'),
        credit('STARTUP-2026', '-2500.00'),
        credit('OUTAGE-0917', '-42.80'),
      ],
      'AE',
    ),
    { number: 'NW-2026-00043', buyer: LISBON, seller: { ...SELLER, color: '#7a2e8e' } },
  );
}

/** Enough lines for several pages, at two rates. */
export function long(): BillingDocument {
  const lines = Array.from({ length: 84 }, (_, at) => {
    const service = SERVICES[at % SERVICES.length] ?? '';
    const over = at % 9 === 4 ? { taxRate: new Decimal(7) } : {};
    return line(
      `team-${String(Math.floor(at / 6) + 1).padStart(2, '0')}`,
      service,
      `${(at * 37.13 + 4.2).toFixed(2)}`,
      {
        serviceType: at % 2 === 0 ? 'aws' : null,
        cloudName: at % 2 === 0 ? 'eu-west-1' : null,
        ...over,
      },
    );
  });
  return documentOf(lines, {
    number: 'NW-2026-00044',
    buyer: {
      ...BUYER,
      countryCode: 'US',
      city: 'Portland',
      state: 'OR',
      zipCode: '97204',
      addressLines: ['1120 SW 5th Ave'],
    },
    payment: { kind: 'credit_card', brand: 'Visa', last4: '4242' },
    currency: 'USD',
    taxAtHome: { currency: 'EUR', amount: new Decimal('20158.43') },
    conversions: [{ from: 'EUR', to: 'USD', rate: new Decimal('1.0834'), date: '2026-10-30', source: 'ECB' }],
  });
}

/** A currency without decimals, and names in three eastern scripts, with an emoji and right-to-left text. */
export function yen(): BillingDocument {
  return documentOf(
    [
      line('東京データ基盤', 'マネージド PostgreSQL、ビジネス', '182400', {
        serviceType: 'pg',
        cloudName: 'google-asia-northeast1',
      }),
      line('東京データ基盤', '对象存储', '20311'),
      line('서울 플랫폼', '카프카 클러스터', '96050'),
      line('🚀 Launch 发射 שיגור', 'Compute (تجربة)', '7800'),
    ].map((one) => ({ ...one, taxRate: new Decimal(10) })),
    {
      number: 'NW-2026-00045',
      currency: 'JPY',
      seller: {
        ...SELLER,
        legalName: '株式会社ノースウィンド・クラウド',
        addressLines: ['千代田区丸の内1丁目9番1号'],
        zipCode: '100-0005',
        city: '東京都',
        countryCode: 'JP',
        vatId: 'T1234567890123',
        electronicAddress: '0221:T1234567890123',
        bank: null,
        color: '#b3261e',
      },
      buyer: {
        ...BUYER,
        groupName: '基盤チーム',
        company: '株式会社青空データ分析サービス',
        addressLines: ['渋谷区神南1丁目19番11号', '青空ビル 7階'],
        zipCode: '150-0041',
        city: '東京都',
        countryCode: 'JP',
        vatId: '',
        electronicAddress: '0221:T9876543210987',
        extraText: '注文番号 2026-5521',
      },
      payment: { kind: 'bank_transfer', termsDays: 30 },
    },
  );
}
