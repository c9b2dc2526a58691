import { type AccountSettings, type SettingName, settingsSchema } from '../../billing/account/account-settings.ts';
import { Refusal } from '../../billing/refusal.ts';
import { countryOfVatId, judgeVatId } from '../../billing/tax/vat-id.ts';

/**
 * Normalizes and checks the VAT ID whenever it or its country changes, as strictly as a customer's. A VAT ID that was
 * stored before stays as it is. A tax number stated to be sufficient must be entered. @throws {Refusal} `invalid_input`
 */
export function withVatId(before: AccountSettings, after: AccountSettings): AccountSettings {
  const isNew = before.taxNumber !== '' || !before.isTaxNumberSufficient;
  if (after.isTaxNumberSufficient && after.taxNumber === '' && isNew) {
    throw faultAt('taxNumber', 'Enter the tax number that is sufficient to charge tax.');
  }
  if (after.vatId === before.vatId && after.countryCode === before.countryCode) return after;
  // a seller may enter its VAT ID before its country: the prefix says how to check it
  const judged = judgeVatId(after.vatId, after.countryCode || countryOfVatId(after.vatId));
  if ('fault' in judged) throw faultAt('vatId', judged.fault);
  return { ...after, vatId: judged.vatId };
}

function faultAt(field: SettingName, sentence: string): Refusal {
  return new Refusal('invalid_input', { fields: { [field]: sentence } });
}

/** Typed settings in their stored form. Pure. @throws {Refusal} `invalid_input` with a sentence for each wrong field */
export function checkedSettings(settings: Partial<AccountSettings>): Partial<AccountSettings> {
  const parsed = settingsSchema.safeParse(settings);
  if (parsed.success) return JSON.parse(JSON.stringify(parsed.data));
  const fields: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) fields[String(path[0] ?? 'name')] ??= message;
  throw new Refusal('invalid_input', { fields });
}
