import { describe, expect, it } from '@jest/globals';
import type { BillingDocument } from '../../../src/documents/document.ts';
import { ublObstacles } from '../../../src/documents/ubl/obstacles.ts';
import { BUYER, documentOf, line, SELLER, taxed } from '../documents.ts';

type Parties = {
  readonly seller?: Partial<BillingDocument['seller']>;
  readonly buyer?: Partial<BillingDocument['buyer']>;
};

const rulesOf = ({ seller, buyer }: Parties, over: Partial<BillingDocument> = {}) => {
  const document = documentOf([line('p', 'Compute', '10.00')], over);
  const parties = { seller: { ...SELLER, ...seller }, buyer: { ...BUYER, ...buyer } };
  return ublObstacles({ ...document, ...parties }).flatMap((text) => text.match(/[A-Z]{2,}-[A-Z\d-]*\d/g) ?? []);
};
const from = (countryCode: string, vatId: string) => ({ countryCode, vatId });
const memo = { kind: 'credit_memo', corrects: { number: 'NW-1', issueDate: '2026-10-02' } } as const;

describe('what prevents an electronic document', () => {
  it.each<readonly [string, Parties, readonly string[], Partial<BillingDocument>?]>([
    ['nothing', {}, []],
    [
      'German contact, phone, email and address details',
      { seller: { contactName: '', phone: '12', email: '', city: '', zipCode: '' }, buyer: { city: '', zipCode: '' } },
      ['DE-R-005', 'DE-R-006', 'DE-R-027', 'DE-R-007', 'DE-R-003', 'DE-R-004', 'DE-R-008', 'DE-R-009'],
    ],
    ['German sellers, not for buyers abroad', { seller: { phone: '' }, buyer: from('FR', 'FR40303265045') }, []],
    [
      'electronic addresses',
      { seller: from('US', 'US1'), buyer: { vatId: '' } },
      ['PEPPOL-EN16931-R020', 'PEPPOL-EN16931-R010'],
    ],
    ['a Danish seller without a CVR number', { seller: from('DK', 'X1') }, ['PEPPOL-EN16931-R020', 'DK-R-002']],
    [
      'a negative Danish credit memo',
      { seller: from('DK', 'DK13585628'), buyer: from('DK', 'DK13585628') },
      ['DK-R-016'],
      { ...memo, ...documentOf([line('p', 'Compute', '-10.00')], memo) },
    ],
    [
      'an Icelandic seller',
      { seller: { ...from('IS', 'IS12345'), zipCode: '' } },
      ['PEPPOL-EN16931-R020', 'IS-R-002', 'IS-R-003'],
    ],
    ['a Greek seller', { seller: from('GR', 'EL094259216') }, ['GR-R-001', 'GR-R-004']],
    ['a Norwegian VAT ID', { seller: { ...from('NO', 'NO123'), electronicAddress: '0192:974760673' } }, ['NO-R-001']],
    ['a Swedish rate', { seller: from('SE', 'SE556703748501') }, ['SE-R-006']],
    ['a Dutch address', { seller: { ...from('NL', 'NL004495445B01'), addressLines: [] } }, ['NL-R-002']],
    [
      'an Italian address',
      { seller: { ...from('IT', 'IT00743110157'), addressLines: [], city: '', zipCode: '' } },
      ['IT-R-002', 'IT-R-003', 'IT-R-004'],
    ],
    ['a Belgian number with wrong check digits', { seller: from('BE', 'BE0428759498') }, ['PEPPOL-EN16931-R020']],
  ])('names the rule about %s', (_, parties, rules, over = {}) => {
    expect(rulesOf(parties, over)).toEqual(rules);
  });

  it('names charges outside the scope of VAT beside taxed ones', () => {
    const lines = [...taxed([line('p', 'Compute', '1.00')], 'O'), line('p', 'Storage', '2.00')];
    expect(ublObstacles(documentOf(lines))).toEqual([expect.stringContaining('BR-O-11')]);
  });
});
