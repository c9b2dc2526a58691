import {
  compareFractions,
  type Fraction,
  floor,
  fraction,
  least,
  minus,
  nearest,
  over,
  positive,
  read,
  times,
  total,
} from './fraction.ts';
import type {
  OracleCredit,
  OracleDiscount,
  OracleInput,
  OracleInvoice,
  OracleTax,
  OracleTerm,
} from './oracle-types.ts';

// A second calculation of invoices from domain.md (Money), with exact fractions. It shares no code with the product.
// Rules marked "ours" are those where domain.md leaves a choice; they follow the doc comments of src/billing.

interface Line {
  readonly key: string;
  readonly project: string;
  readonly service: string;
  readonly late: string;
  /** 0 for costs, 1 for charges, 2 for minimum fees. */
  readonly rank: 0 | 1 | 2;
  readonly tax: OracleTax;
  exact: Fraction;
}

/** An invoice calculated from the rules. */
export function invoiceByRules(input: OracleInput): OracleInvoice {
  const missing = new Set<string>();
  const into = ({ currency, amount }: { currency: string; amount: string }): Fraction | null => {
    if (currency === input.currency) return read(amount);
    const rate = input.rates[currency];
    if (rate === undefined) missing.add(currency);
    return rate === undefined ? null : times(read(amount), read(rate));
  };
  const lines = [...costLines(input, into), ...chargeLines(input, into)].sort(byOrder);
  takeDiscounts(input, lines, into);
  addCommitments(input, lines, into);
  lines.sort(byOrder);

  const scale = fraction(10n ** BigInt(input.decimals));
  const rounded = roundByProject(lines, scale);
  const left = [...rounded];
  const uses = new Map<string, bigint>();
  for (const credit of inOrder(input.credits.filter(({ isPurchased }) => !isPurchased))) {
    usePromotional(credit, lines, left, uses, scale);
  }
  const net = left.reduce((sum, amount) => sum + amount, 0n);
  const taxes = taxesOf(lines, left);
  const tax = [...taxes.values()].reduce((sum, [, amount]) => sum + amount, 0n);
  const whole = net + tax;
  const prepaid = usePurchased(input.credits, partsOf(lines, left, taxes), whole, uses, scale);
  const due = whole - prepaid;
  return {
    lines: new Map(lines.map((line, at) => [line.key, rounded[at] ?? 0n])),
    uses,
    net,
    taxes,
    tax,
    total: whole,
    prepaid,
    due: due > 0n ? due : 0n,
    missing: [...missing].sort(),
  };
}

type Into = (amount: { readonly currency: string; readonly amount: string }) => Fraction | null;

function costLines(input: OracleInput, into: Into): Line[] {
  return input.costs.flatMap((cost): Line[] => {
    const exact = into(cost);
    // domain.md, Money 8: the rate of the tax point, which is that of its own period for a late cost
    const tax = (cost.late && input.lateTax[cost.late]) || input.serviceTax[cost.service] || input.tax;
    const { project, service, late } = cost;
    const key = [project, service, late, cost.currency].join('|');
    return exact === null ? [] : [{ key, project, service, late, rank: 0, tax, exact }];
  });
}

function chargeLines(input: OracleInput, into: Into): Line[] {
  return input.charges
    .filter((charge) => (charge.isMonthly ? holds(charge, input.month) : charge.from === input.month))
    .flatMap((charge) => {
      const exact = into(charge);
      return exact === null ? [] : [added(charge.id, charge.project, exact, 1, input)];
    });
}

function added(key: string, project: string, exact: Fraction, rank: 1 | 2, { tax }: OracleInput): Line {
  return { key, project, service: '', late: '', rank, tax, exact };
}

/**
 * Ours: service, project, group; percentages before amounts; then by ID; each applied to what the previous one left.
 */
function takeDiscounts(input: OracleInput, lines: readonly Line[], into: Into): void {
  const scopes = ['service', 'project', 'group'];
  const order = (one: OracleDiscount) => `${scopes.indexOf(one.scope)} ${one.isPercentage ? 0 : 1} ${one.id}`;
  const held = input.discounts.filter((one) => holds(one, input.month));
  for (const one of held.sort((a, b) => (order(a) < order(b) ? -1 : 1))) {
    const meant = lines.filter((line) => line.rank === 0 && (one.scope === 'group' || line[one.scope] === one.on));
    if (one.isPercentage) {
      const keeps = minus(fraction(1n), over(read(one.amount), fraction(100n)));
      for (const line of meant) line.exact = times(line.exact, keeps);
      continue;
    }
    const amount = into(one);
    const scope = total(meant.map(({ exact }) => exact));
    if (amount === null || scope.n <= 0n) continue;
    spread(least(amount, scope), meant);
  }
}

/** Ours: positive lines take part, in units of 18 decimals. */
function spread(amount: Fraction, lines: readonly Line[]): void {
  const weights = lines.map(({ exact }) => positive(exact));
  const all = total(weights);
  // an amount with more decimals is spread in units of its own last digit
  const unit = lastDigit(amount);
  const units = times(amount, fraction(unit));
  const shares = largestRemainders(
    weights.map((weight) => over(times(units, weight), all)),
    floor(units),
  );
  for (const [at, line] of lines.entries()) line.exact = minus(line.exact, fraction(shares[at] ?? 0n, unit));
}

const SPREAD_UNITS = 10n ** 18n;

/** The power of ten whose inverse is the unit of an amount's last decimal. */
function lastDigit(amount: Fraction): bigint {
  let unit = SPREAD_UNITS;
  while (unit % amount.d !== 0n) unit *= 10n;
  return unit;
}

/** Ours: the lowest minimum first, each adding what is missing to it; costs after discounts and extra charges count. */
function addCommitments(input: OracleInput, lines: Line[], into: Into): void {
  const minimums = input.commitments
    .filter((one) => holds(one, input.month))
    .flatMap((one) => {
      const amount = into(one);
      return amount === null ? [] : [{ id: one.id, amount }];
    })
    .sort((a, b) => compareFractions(a.amount, b.amount) || (a.id < b.id ? -1 : 1));
  for (const { id, amount } of minimums) {
    const gap = minus(amount, total(lines.map(({ exact }) => exact)));
    if (gap.n > 0n) lines.push(added(id, '', gap, 2, input));
  }
}

/**
 * Ours: by project, those without one last; costs before charges before minimums; service; late costs last; currency.
 */
function byOrder(a: Line, b: Line): number {
  const order = (line: Line) => [line.project || '\uffff', String(line.rank), line.service, line.late, line.key];
  const [one, other] = [order(a), order(b)];
  for (const [at, text] of one.entries()) if (text !== other[at]) return text < (other[at] ?? '') ? -1 : 1;
  return 0;
}

/** domain.md, Money 7: each project's sum first, all together, then the lines of each project. */
function roundByProject(lines: readonly Line[], scale: Fraction): bigint[] {
  const projects = [...new Set(lines.map(({ project }) => project))];
  const own = (project: string) => lines.filter((line) => line.project === project).map(({ exact }) => exact);
  const sums = projects.map((project) => times(total(own(project)), scale));
  const units = largestRemainders(sums, nearest(total(sums)));
  return projects.flatMap((project, at) =>
    largestRemainders(
      own(project).map((exact) => times(exact, scale)),
      units[at] ?? 0n,
    ),
  );
}

/**
 * Units that add up to `whole`: all are rounded down, and the missing ones go to the largest remainders, then by
 * position.
 */
function largestRemainders(shares: readonly Fraction[], whole: bigint): bigint[] {
  const cut = shares.map(floor);
  const lacking = Number(whole - cut.reduce((sum, one) => sum + one, 0n));
  const rest = shares.map((share, at) => ({ at, rest: minus(share, fraction(cut[at] ?? 0n)) }));
  rest.sort((a, b) => compareFractions(b.rest, a.rest) || a.at - b.at);
  for (const { at } of rest.slice(0, lacking)) cut[at] = (cut[at] ?? 0n) + 1n;
  return cut;
}

/** domain.md, Money 4: project-scoped, then the earliest to expire, then the oldest claim; then by ID (ours). */
function inOrder(credits: readonly OracleCredit[]): OracleCredit[] {
  const never = Number.MAX_SAFE_INTEGER;
  const order = (one: OracleCredit) => [one.project === '' ? 1 : 0, one.expires ?? never, one.claimed];
  return [...credits].sort((a, b) => {
    const [one, other] = [order(a), order(b)];
    const at = one.findIndex((value, index) => value !== other[index]);
    return at < 0 ? (a.id < b.id ? -1 : 1) : (one[at] ?? 0) - (other[at] ?? 0);
  });
}

function smallest(...all: [bigint, ...bigint[]]): bigint {
  let low = all[0];
  for (const one of all) if (one < low) low = one;
  return low;
}

/** Ours: spread in proportion over the scope's positive lines, to the unit, by largest remainder. */
function usePromotional(
  credit: OracleCredit,
  lines: readonly Line[],
  left: bigint[],
  uses: Map<string, bigint>,
  scale: Fraction,
): void {
  const isMeant = (at: number) => credit.project === '' || credit.project === lines[at]?.project;
  const scope = left.reduce((sum, amount, at) => (isMeant(at) ? sum + amount : sum), 0n);
  const all = left.reduce((sum, amount) => sum + amount, 0n);
  const amount = smallest(floor(times(read(credit.remaining), scale)), scope, all);
  if (amount <= 0n) return;
  const weights = left.map((one, at) => (isMeant(at) && one > 0n ? one : 0n));
  const weight = weights.reduce((sum, one) => sum + one, 0n);
  const shares = largestRemainders(
    weights.map((one) => fraction(one * amount, weight)),
    amount,
  );
  for (const [at, share] of shares.entries()) left[at] = (left[at] ?? 0n) - share;
  uses.set(credit.id, amount);
}

const taxKeyOf = ({ category, rate }: OracleTax): string => `${category} ${rate}`;

/** domain.md, Money 3: once for each category and rate. */
function taxesOf(lines: readonly Line[], left: readonly bigint[]): Map<string, readonly [bigint, bigint]> {
  const bases = new Map<string, { readonly rate: string; base: bigint }>();
  for (const [at, { tax }] of lines.entries()) {
    const before = bases.get(taxKeyOf(tax))?.base ?? 0n;
    bases.set(taxKeyOf(tax), { rate: tax.rate, base: before + (left[at] ?? 0n) });
  }
  return new Map(
    [...bases].map(([key, { rate, base }]) => [
      key,
      [base, nearest(times(fraction(base), over(read(rate), fraction(100n))))] as const,
    ]),
  );
}

/** Ours: a project's part is its lines and its share of each rate's tax; the shares of one rate are rounded together. */
function partsOf(lines: readonly Line[], left: readonly bigint[], taxes: OracleInvoice['taxes']): Map<string, bigint> {
  const parts = new Map<string, bigint>();
  const give = (project: string, amount: bigint) => parts.set(project, (parts.get(project) ?? 0n) + amount);
  for (const [key, [, tax]] of taxes) {
    const nets = new Map<string, bigint>();
    const alike = lines.flatMap((line, at) => (taxKeyOf(line.tax) === key ? [{ line, amount: left[at] ?? 0n }] : []));
    for (const { line, amount } of alike) nets.set(line.project, (nets.get(line.project) ?? 0n) + amount);
    const percent = over(read(alike[0]?.line.tax.rate ?? '0'), fraction(100n));
    const shares = largestRemainders(
      [...nets.values()].map((net) => times(fraction(net), percent)),
      tax,
    );
    for (const [at, [project, net]] of [...nets].entries()) give(project, net + (shares[at] ?? 0n));
  }
  return parts;
}

/** domain.md, Money 4: after tax; a project's credit in billing groups project alone. */
function usePurchased(
  credits: readonly OracleCredit[],
  parts: Map<string, bigint>,
  whole: bigint,
  uses: Map<string, bigint>,
  scale: Fraction,
): bigint {
  let open = whole;
  for (const credit of inOrder(credits.filter(({ isPurchased }) => isPurchased))) {
    const scope = credit.project === '' ? open : (parts.get(credit.project) ?? 0n);
    const amount = smallest(floor(times(read(credit.remaining), scale)), scope, open);
    if (amount <= 0n) continue;
    if (credit.project !== '') parts.set(credit.project, scope - amount);
    open -= amount;
    uses.set(credit.id, amount);
  }
  return whole - open;
}

/** A term's months, both ends included. */
function holds({ from, until }: OracleTerm, month: string): boolean {
  return from <= month && (until === null || month <= until);
}
