/** Countries that use US Letter instead of A4 (Unicode CLDR, paper sizes, and others that use it in practice). */
const LETTER = new Set('BZ CA CL CO CR DO GT HN MX NI PA PH PR SV US VE'.split(' '));

/** In points of 1/72 inch. */
export const MARGIN = { side: 48, top: 44, bottom: 54 } as const;

/** A buyer's paper size. @param country ISO 3166-1 alpha-2, or empty */
export function paperOf(country: string): 'A4' | 'LETTER' {
  return LETTER.has(country) ? 'LETTER' : 'A4';
}
