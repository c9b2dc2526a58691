/** Tax reasons for holding an invoice back, in words that a view uses to find the command that helps. */
export const RATE_UNKNOWN = 'isn’t known. Enter the account’s own rate.';
export const OUTSIDE_NOT_ALONE =
  'Costs outside the scope of VAT can’t share an invoice with other costs (EN 16931, BR-O-11). Set a tax rate for all services, or move one kind to another billing group.';

/** What to do about a standard rate that was last reviewed long ago. */
export const RATE_REVIEW_DUE = 'check it, and update it';
