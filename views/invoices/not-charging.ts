/** What one reads of an invoice by card where nothing charges it. */
export const NOT_CHARGING =
  'No card provider is connected, so cards aren’t charged. Record the payment when you receive it.';
