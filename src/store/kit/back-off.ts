/** An instant that is always due, whatever the clock says. */
export const AT_ONCE = new Date(0);

/**
 * Matches documents whose waiting time is over. A document that would have to wait longer than the longest possible
 * pause was postponed before the clock was set back, so it is due, too.
 */
export function isTimeFor(field: string, now: Date, longestPauseMs: number) {
  return {
    $or: [{ [field]: { $lte: now, $ne: null } }, { [field]: { $gt: new Date(now.getTime() + longestPauseMs) } }],
  };
}
