/** Shown with a card invoice when no provider is connected. */
export const NOT_CHARGING =
  'No card provider is connected, so cards aren’t charged. Record the payment when you receive it.';
