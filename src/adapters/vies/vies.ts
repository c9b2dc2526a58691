import { z } from 'zod';
import type { Logger } from '../../platform/logger.ts';
import type { VatOffice } from '../../services/groups/billing-information.ts';

const TIMEOUT_MS = 10_000;
/** The service says `valid`, its other way of asking `isValid`; an error has neither. */
const answerSchema = z.object({
  valid: z.boolean().optional(),
  isValid: z.boolean().optional(),
  userError: z.string().optional(),
});

/** The EU's VIES service. Whatever is no clear word (busy, a state that does not answer, a strange answer) is none. */
export function viesOffice(url: string, log: Logger): VatOffice {
  return {
    async check(countryCode, vatId) {
      try {
        // Greece has a different prefix, which the number contains; Northern Ireland's is XI
        const prefix = vatId.slice(0, 2);
        const body = JSON.stringify({ countryCode: prefix, vatNumber: vatId.slice(2) });
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body,
          redirect: 'error',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const answer = answerSchema.safeParse(await response.json());
        const valid = answer.data?.valid ?? answer.data?.isValid;
        if (valid === undefined) return 'unavailable';
        if (valid) return 'valid';
        // an error of theirs comes with a "false" too
        const why = answer.data?.userError ?? 'INVALID';
        return why === 'INVALID' || why === 'VALID' ? 'invalid' : 'unavailable';
      } catch (error) {
        log.info({ countryCode, err: error }, 'the tax office didn’t answer. It will be asked again');
        return 'unavailable';
      }
    },
  };
}
