import { toFixedMinor } from '../../billing/money/money.ts';
import type { CreditSummary } from '../../services/credits/credits.ts';
import { time } from '../schemas/common.ts';

/** CREDIT in the published API. */
export function creditBody({ code, type, value, remaining, currency, startTime, expireTime }: CreditSummary) {
  return {
    code,
    type,
    value: toFixedMinor(value, currency),
    remaining_value: toFixedMinor(remaining, currency),
    start_time: time(startTime),
    expire_time: expireTime && time(expireTime),
  };
}
