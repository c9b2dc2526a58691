import { type Decimal, formatMoney } from '../../billing/money/money.ts';
import { dayName } from '../../billing/period/day.ts';
import type { AnomalyDoc } from '../../store/anomalies/anomalies.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';

/** The name of the turn in which a project’s anomalies change, one transaction at a time. */
export function anomalyTurn(accountId: string, projectId: string | null): string {
  return `anomalies:${accountId}:${projectId ?? ''}`;
}

/** `Costs of Compute in project web are unusually high: EUR 900.00 on 14 November 2026, expected EUR 80.00 to EUR 120.00` */
export function foundText(doc: AnomalyDoc, project: string): string {
  const { service, currency, side, since, peak } = doc;
  const amount = (of: AnomalyDoc['amount']) => formatMoney(fromDecimal128(of), currency);
  const begin = since === peak ? '' : `, unusual since ${dayName(since)}`;
  const expected = `expected ${amount(doc.low)} to ${amount(doc.high)}`;
  const height = side === 'above' ? 'high' : 'low';
  return `Costs of ${service} in project ${project} are unusually ${height}: ${amount(doc.amount)} on ${dayName(peak)}, ${expected}${begin}`;
}

/** @param next what the day after the last unusual one cost */
export function endedText({ service, side, until, low, high }: AnomalyDoc, project: string, next: Decimal): string {
  const whose = `Costs of ${service} in project ${project}`;
  const isBack = side === 'above' ? next.lte(fromDecimal128(high)) : next.gte(fromDecimal128(low));
  return isBack
    ? `${whose} are back in their expected range. The last unusual day was ${dayName(until)}`
    : `${whose} have stayed at their new level, which is now the expected one`;
}

/** The days without costs of a source: `12 November 2026` or `12 November 2026 to 13 November 2026`. */
export function missingDaysText({ since, until }: Pick<AnomalyDoc, 'since' | 'until'>): string {
  return since === until ? dayName(since) : `${dayName(since)} to ${dayName(until)}`;
}
