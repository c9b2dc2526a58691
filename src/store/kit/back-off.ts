/** The instant of what is to be done at once, whatever the clock says. */
export const AT_ONCE = new Date(0);

/**
 * Of documents that wait until an instant: those whose time has come. One that would have to wait longer than the
 * longest pause there is was put off before the clock was set back, and its time has come as well.
 */
export function isTimeFor(field: string, now: Date, longestPauseMs: number) {
  return {
    $or: [{ [field]: { $lte: now, $ne: null } }, { [field]: { $gt: new Date(now.getTime() + longestPauseMs) } }],
  };
}
