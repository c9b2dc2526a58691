import { type AccountSettings, type SettingName, settingsSchema } from '../../billing/account/account-settings.ts';
import { Refusal } from '../../billing/refusal.ts';
import { countryOfVatId, judgeVatId } from '../../billing/tax/vat-id.ts';

/**
 * With the VAT ID as it is kept, checked as strictly as a customer's whenever it or its country changes; one that was
 * stored before stays as it is. A tax number that is to be sufficient has to be there. @throws {Refusal} `invalid_input`
 */
export function withVatId(before: AccountSettings, after: AccountSettings): AccountSettings {
  const isNew = before.taxNumber !== '' || !before.isTaxNumberSufficient;
  if (after.isTaxNumberSufficient && after.taxNumber === '' && isNew) {
    throw faultAt('taxNumber', 'Enter the tax number that is sufficient to charge tax.');
  }
  if (after.vatId === before.vatId && after.countryCode === before.countryCode) return after;
  // a seller may give its VAT ID first: its prefix says how to check it
  const judged = judgeVatId(after.vatId, after.countryCode || countryOfVatId(after.vatId));
  if ('fault' in judged) throw faultAt('vatId', judged.fault);
  return { ...after, vatId: judged.vatId };
}

function faultAt(field: SettingName, sentence: string): Refusal {
  return new Refusal('invalid_input', { fields: { [field]: sentence } });
}

/** Settings as they are kept, however they were typed. Pure. @throws {Refusal} `invalid_input` with a sentence for each wrong field */
export function checkedSettings(settings: Partial<AccountSettings>): Partial<AccountSettings> {
  const parsed = settingsSchema.safeParse(settings);
  if (parsed.success) return JSON.parse(JSON.stringify(parsed.data));
  const fields: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) fields[String(path[0] ?? 'name')] ??= message;
  throw new Refusal('invalid_input', { fields });
}
