import type { BankStatement } from '../../src/billing/statement/bank-line.ts';

/** One entry of a bank statement, as far as tests need it. */
export interface Booked {
  readonly amount: string;
  readonly purpose: string;
  readonly name?: string;
  readonly currency?: string;
  readonly day?: string;
  readonly direction?: 'CRDT' | 'DBIT';
  readonly status?: string;
  readonly isReversal?: boolean;
  readonly reference?: string;
}

/** A bank statement in CAMT.053.001.08. */
export function camt(entries: readonly Booked[], { iban = 'DE02120300000000202051' } = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-20T06:00:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
${entries.map(entryOf).join('\n')}
</Stmt></BkToCstmrStmt></Document>`;
}

function entryOf(entry: Booked): string {
  const { amount, purpose, name = '', currency = 'EUR', day = '2026-11-20', direction = 'CRDT' } = entry;
  const reference = entry.reference === undefined ? '' : `<AcctSvcrRef>${entry.reference}</AcctSvcrRef>`;
  return `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd>
<RvslInd>${entry.isReversal ?? false}</RvslInd><Sts><Cd>${entry.status ?? 'BOOK'}</Cd></Sts>
<BookgDt><Dt>${day}</Dt></BookgDt>${reference}<NtryDtls><TxDtls>
<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>${name}</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>${purpose}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`;
}

/** What tests compare of the lines of a statement: date, amount, currency, name and purpose. */
export function shownLines({ lines }: BankStatement) {
  return lines.map(({ date, amount, currency, name, purpose }) => [date, amount.toFixed(), currency, name, purpose]);
}

/** The problem that a refusal of a file names; `read` if there is none. */
export function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return String((error as { data?: { problem?: string } }).data?.problem ?? error);
  }
  return 'read';
}
