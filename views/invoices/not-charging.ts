/** What one reads of an invoice by card where nothing charges it. */
export const NOT_CHARGING =
  'Cards are not charged here, since no card provider is connected: record the payment when it has come in another way.';
