type Style = Intl.DateTimeFormatOptions;

const STYLES: { [token: string]: Style } = {
  date: { month: 'long', day: 'numeric', year: 'numeric' },
  date_short: { month: 'short', day: 'numeric', year: 'numeric' },
  date_long: { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit' },
  time_secs: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
};

type Step = [unit: Intl.RelativeTimeFormatUnit, seconds: number];

const SECOND: Step = ['second', 1];
const STEPS: Step[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** What a reader's clock shows, in their zone. */
export interface Clockwork {
  /** IANA zone name. */
  zone: string;
  now: Date;
}

/** Fills the tokens of a `<!date^…>` format, such as "{date_short} at {time}". */
export function formatDate(seconds: number, format: string, clock: Clockwork): string {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return '';
  return format.replace(/\{(\w+)\}/g, (found, token: string) => {
    const pretty = token.endsWith('_pretty') ? nearDay(at, clock) : undefined;
    if (pretty !== undefined) return pretty;
    if (token === 'date_num') return numeric(at, clock.zone);
    if (token === 'ago') return ago(at, clock.now);
    const style = STYLES[token.replace('_pretty', '')];
    return style ? styled(at, style, clock.zone) : found;
  });
}

/** The time of day of a message. */
export function timeOf(ts: string, zone: string): string {
  return styled(new Date(Number(ts) * 1000), STYLES.time ?? {}, zone);
}

/** The day of a message, as a line between days shows it. */
export function dayOf(ts: string, clock: Clockwork): string {
  return formatDate(Number(ts), '{date_long_pretty}', clock);
}

function styled(at: Date, style: Style, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { ...style, timeZone: zone }).format(at);
}

function numeric(at: Date, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(at);
}

function nearDay(at: Date, clock: Clockwork): string | undefined {
  const days = Math.round(
    (Date.parse(numeric(at, clock.zone)) - Date.parse(numeric(clock.now, clock.zone))) / 86_400_000,
  );
  return { 0: 'Today', '-1': 'Yesterday', 1: 'Tomorrow' }[days];
}

function ago(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? SECOND;
  return words.format(Math.round(seconds / size), unit);
}
