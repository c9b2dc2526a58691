import { compact } from '../account/seller.ts';

/** Where a party receives electronic documents: an identifier and its scheme (EN 16931, BT-34 and BT-49). */
export interface ElectronicAddress {
  /** A code of the Electronic Address Scheme list, such as `9930`. */
  readonly scheme: string;
  readonly id: string;
}

/** The Electronic Address Scheme list as of PEPPOL BIS Billing 3.0.21 (May 2026, PEPPOL-EN16931-CL008). */
const SCHEMES: ReadonlySet<string> = new Set(
  [
    '0002 0007 0009 0060 0088 0096 0097 0106 0130 0135 0142 0151 0183 0184 0188 0190 0191 0192 0195 0196 0198 0199 0200',
    '0201 0204 0208 0209 0210 0211 0216 0218 0221 0225 0230 0235 0240 0242 0244 0245 0246 0248',
    '9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937',
    '9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959',
  ]
    .join(' ')
    .split(' '),
);

/** The form of an identifier, for schemes that PEPPOL's rules check (PEPPOL-COMMON-R040 to R057, GR-R-009). */
const FORMS: Readonly<Record<string, { readonly isRight: (id: string) => boolean; readonly example: string }>> = {
  '0002': { isRight: (id) => /^\d{9}$/.test(id) && luhn(id), example: '0002:552100554' },
  '0007': { isRight: (id) => /^\d{10}$/.test(id) && luhn(id), example: '0007:5567037485' },
  '0088': { isRight: (id) => /^\d{13}$/.test(id) && gln(id), example: '0088:7300010000001' },
  '0106': { isRight: (id) => /^\d{8}$/.test(id), example: '0106:12345678' },
  '0151': { isRight: (id) => /^\d{11}$/.test(id) && abn(id), example: '0151:51824753556' },
  '0184': { isRight: (id) => /^(DK)?\d{8}$/.test(id), example: '0184:DK13585628' },
  '0190': { isRight: (id) => /^\d{20}$/.test(id), example: '0190:00000001003214345000' },
  '0192': { isRight: (id) => /^\d{9}$/.test(id) && mod11(id), example: '0192:974760673' },
  '0196': { isRight: (id) => /^\d{10}$/.test(id), example: '0196:5902697199' },
  '0198': { isRight: (id) => /^DK\d{8}$/.test(id), example: '0198:DK13585628' },
  '0208': { isRight: (id) => /^\d{10}$/.test(id) && mod97(id), example: '0208:0123456749' },
  '0211': { isRight: (id) => /^IT\d{11}$/.test(id) && luhn(id.slice(2)), example: '0211:IT00743110157' },
  '9933': { isRight: (id) => /^\d{9}$/.test(id) && greekTin(id), example: '9933:094259216' },
  '9944': { isRight: (id) => /^NL\d{9}B\d\d$/.test(id), example: '9944:NL004495445B01' },
};

/** Schemes whose identifiers are company register numbers, or a tax office's numbers for companies. */
const REGISTERS: readonly string[] = '0002 0007 0106 0183 0184 0190 0191 0192 0196 0208'.split(' ');

/** How to derive an address from a VAT ID, by its first two letters. `rest` is the ID without them. */
const BY_VAT_ID: Readonly<Record<string, (vatId: string, rest: string) => string>> = {
  ...asItIs('AD 9922 AL 9923 AT 9914 BA 9924 BG 9926 CH 9927 CY 9928 CZ 9929 DE 9930 EE 9931 ES 9920 GB 9932 HR 9934'),
  ...asItIs('HU 9910 IE 9935 LI 9936 LT 9937 LU 9938 LV 9939 MC 9940 ME 9941 MK 9942 MT 9943 NL 9944 PL 9945 PT 9946'),
  ...asItIs('RO 9947 RS 9948 SI 9949 SK 9950 SM 9951 TR 9952 VA 9953 IT 0211 DK 0184'),
  // the enterprise number: receivers no longer use the VAT scheme 9925
  BE: (_, rest) => `0208:${rest}`,
  EL: (_, rest) => `9933:${rest}`,
  // an OVT identifier: 0037, the register, and the business ID
  FI: (_, rest) => `0216:0037${rest}`,
  // the SIREN, which follows the two check characters
  FR: (_, rest) => `0225:${rest.slice(2)}`,
  NO: (_, rest) => `0192:${rest.replace(/MVA$/, '')}`,
  // the organization number, without the 01 at the end
  SE: (_, rest) => `0007:${rest.slice(0, 10)}`,
};

/** Reads `0208:0123456749`, with or without separators. @returns null if the scheme or identifier is missing */
export function parseAddress(text: string): ElectronicAddress | null {
  const [, scheme, id = ''] = /^(\d{4})\s*:\s*(\S.*)$/.exec(text.trim()) ?? [];
  if (scheme === undefined) return null;
  return { scheme, id: scheme in FORMS ? compact(id) : id.replace(/\s/g, '') };
}

/** An address as stored: `0208:0123456749`. If it can't be read, it is stored as typed. */
export function cleanAddress(text: string): string {
  const address = parseAddress(text);
  return address ? `${address.scheme}:${address.id}` : text.trim();
}

/**
 * What is wrong with a typed address; undefined if it is valid. An empty one is valid: it is derived from the VAT ID.
 */
export function addressFault(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  const address = parseAddress(text);
  if (!address) return 'Enter a scheme and an identifier, such as 0208:0123456749.';
  if (!SCHEMES.has(address.scheme)) return `Scheme ${address.scheme} isn’t in the list of electronic address schemes.`;
  const form = FORMS[address.scheme];
  if (form && !form.isRight(address.id)) {
    return `This isn’t a valid identifier of scheme ${address.scheme}. A valid one looks like ${form.example}.`;
  }
  return undefined;
}

/** A party's electronic address: the one entered, otherwise the one derived from its VAT ID, or null. */
export function electronicAddressOf(of: {
  readonly electronicAddress?: string;
  readonly vatId: string;
}): ElectronicAddress | null {
  const entered = of.electronicAddress ?? '';
  const text = entered.trim() === '' ? fromVatId(of.vatId) : entered;
  return addressFault(text) === undefined ? parseAddress(text) : null;
}

/**
 * A company's register number (BT-30, BT-47), if its electronic address or its VAT ID contains it. In Denmark, Sweden,
 * Norway, Belgium and France, the VAT ID does.
 */
export function registerNumberOf(of: {
  readonly electronicAddress?: string;
  readonly vatId: string;
}): ElectronicAddress | null {
  const entered = parseAddress(of.electronicAddress ?? '');
  const derived = parseAddress(fromVatId(of.vatId));
  const siren = derived?.scheme === '0225' ? { scheme: '0002', id: derived.id } : derived;
  const found = [entered, siren].find((one) => one !== null && REGISTERS.includes(one.scheme));
  return found && addressFault(`${found.scheme}:${found.id}`) === undefined ? found : null;
}

function fromVatId(vatId: string): string {
  return BY_VAT_ID[vatId.slice(0, 2)]?.(vatId, vatId.slice(2)) ?? '';
}

function asItIs(pairs: string): Record<string, (vatId: string) => string> {
  const words = pairs.split(' ');
  return Object.fromEntries(
    words.flatMap((country, at) => (at % 2 === 0 ? [[country, (vatId: string) => `${words[at + 1]}:${vatId}`]] : [])),
  );
}

function digitsOf(id: string): number[] {
  return [...id].map(Number);
}

/** Swedish and French numbers, and Italian VAT IDs: Luhn check (ISO/IEC 7812-1, annex B). */
function luhn(id: string): boolean {
  const doubled = digitsOf(id)
    .reverse()
    .map((digit, at) => (at % 2 === 1 ? digit * 2 - (digit > 4 ? 9 : 0) : digit));
  return doubled.reduce((sum, digit) => sum + digit, 0) % 10 === 0;
}

/** GS1 General Specifications, 7.9. */
function gln(id: string): boolean {
  const weighted = digitsOf(id).map((digit, at) => digit * (at % 2 === 0 ? 1 : 3));
  return weighted.reduce((sum, digit) => sum + digit, 0) % 10 === 0;
}

/** Norwegian organization numbers. */
function mod11(id: string): boolean {
  const weights = [3, 2, 7, 6, 5, 4, 3, 2, 1];
  return digitsOf(id).reduce((sum, digit, at) => sum + digit * (weights[at] ?? 0), 0) % 11 === 0;
}

/** Belgian enterprise numbers: the last two digits are 97 minus the remaining digits modulo 97. */
function mod97(id: string): boolean {
  return Number(id.slice(8)) === 97 - (Number(id.slice(0, 8)) % 97);
}

/** Australian business numbers. */
function abn(id: string): boolean {
  const weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
  const sum = digitsOf(id).reduce((total, digit, at) => total + (at === 0 ? digit - 1 : digit) * (weights[at] ?? 0), 0);
  return sum % 89 === 0;
}

function greekTin(id: string): boolean {
  const sum = digitsOf(id.slice(0, 8)).reduce((total, digit, at) => total + digit * 2 ** (8 - at), 0);
  return (sum % 11) % 10 === Number(id[8]);
}
