/**
 * How each collection may be spread over the shards of a MongoDB cluster (docs/scale.md). Tests check all indexes and
 * queries of the store against it.
 */

/** What documents are added with: an account has this many of them each month … */
export type Growing = 'record' | 'line' | 'invoice' | 'event' | 'message' | 'month';
/** … and these stay about the same. */
export type Lasting = 'account' | 'group' | 'project' | 'process';

/** The expected number of documents for each of something, and their average size as BSON in bytes. */
export interface Size {
  readonly documents: number;
  readonly per: Growing | Lasting;
  readonly bytes: number;
  /** For how many months a document is kept; absent if it is kept forever. */
  readonly months?: number;
}

/**
 * - `sharded`: the collections that grow with costs, sharded from the first second shard on
 * - `shardable`: an account's other data, which may stay unsharded until it is too large for one shard. Unique indexes
 *   and queries allow the shard key already.
 * - `unsharded`: found without knowing the account, or about no account. Small, and may always stay on one shard.
 */
export interface Placement {
  readonly sharding: 'sharded' | 'shardable' | 'unsharded';
  /** Its fields in order. Unique indexes have to begin with all of them. Empty if it is unsharded. */
  readonly key: readonly string[];
  /** The unique indexes by name, besides that of `_id`. */
  readonly unique: Readonly<Record<string, readonly string[]>>;
  readonly size: Size;
  /** Why it can't be sharded by account. */
  readonly reason?: string;
}

type Unique = Placement['unique'];

const ACCOUNT = 'accountId';

const sharded = (key: readonly string[], size: Size, unique: Unique = {}): Placement => ({
  ...{ sharding: 'sharded', key: [ACCOUNT, ...key], size },
  unique: underAccount(unique),
});

const shardable = (size: Size, unique: Unique = {}): Placement => ({
  ...{ sharding: 'shardable', key: [ACCOUNT], size },
  unique: underAccount(unique),
});

const unsharded = (reason: string, size: Size, unique: Unique = {}): Placement => ({
  ...{ sharding: 'unsharded', key: [], size, unique, reason },
});

function underAccount(unique: Unique): Unique {
  return Object.fromEntries(Object.entries(unique).map(([name, fields]) => [name, [ACCOUNT, ...fields]]));
}

function many(documents: number, per: Size['per'], bytes: number, months?: number): Size {
  return { documents, per, bytes, ...(months !== undefined && { months }) };
}

const BY_PERSON = 'found by a person in Slack, before an account is known';
const ACROSS = 'about work of processes or a request, not about an account';

/** All collections by name. */
export const SHARD_TABLE: Readonly<Record<string, Placement>> = {
  // a load's records are split by their hash, since the shard key has to be the beginning of the unique index
  usage_records: sharded(['loadId', 'hash'], many(1, 'record', 2_000), {
    usage_record_once: ['loadId', 'hash', 'ordinal'],
  }),
  cost_sums: sharded(['sumsId'], many(1, 'line', 430)),
  cost_days: sharded(['sumsId'], many(0.6, 'line', 1_200)),
  cost_items: sharded(['sumsId'], many(0.5, 'line', 900)),
  cost_totals: sharded(['sumsId'], many(3, 'month', 12_000)),
  invoice_lines: sharded(['invoiceId'], many(1, 'line', 650), {
    line_of_version: ['invoiceId', 'place', 'since'],
  }),
  invoice_trails: sharded(['_id'], many(1, 'invoice', 2_300)),
  credit_memo_lines: sharded(['memoId'], many(0.1, 'invoice', 300), { line_of_memo: ['memoId', 'place'] }),
  document_parts: sharded(['documentId'], many(2, 'invoice', 60_000), {
    part_of_document_version: ['documentId', 'format', 'version', 'part'],
  }),
  // numbers are given after the insert, and a shard key shouldn't change, so an account's log is on one shard
  events: sharded([], many(1, 'event', 600), { log_entry_id: ['logEntryId'] }),

  adjustments: shardable(many(0.1, 'group', 400)),
  anomalies: shardable(many(1, 'month', 1_200), {
    anomaly_once: ['projectId', 'service', 'currency', 'side', 'since'],
    one_open_anomaly: ['projectId', 'service', 'currency'],
  }),
  anomaly_checks: shardable(many(1, 'account', 800)),
  bank_lines: shardable(many(0.5, 'invoice', 400), { bank_line_once: ['identity'] }),
  billing_groups: shardable(many(1, 'group', 1_000), { group_name: ['nameKey'] }),
  budgets: shardable(many(0.5, 'group', 400)),
  card_setups: shardable(many(0.1, 'group', 250)),
  charges: shardable(many(0.3, 'invoice', 400)),
  cost_digest_spans: shardable(many(5, 'month', 120), { one_digest_of_span: ['rhythm', 'from'] }),
  cost_loads: shardable(many(3, 'month', 400), { one_active_load: ['source', 'billingMonth'] }),
  cost_mappings: shardable(many(5, 'account', 1_000), { mapping_name: ['nameKey'], mapping_source: ['source'] }),
  cost_reviews: shardable(many(1, 'invoice', 600), { one_review_of_invoice: ['invoiceId'] }),
  credit_campaigns: shardable(many(0.2, 'account', 350)),
  credit_codes: shardable(many(0.1, 'group', 200)),
  credit_consumptions: shardable(many(0.2, 'invoice', 250)),
  credit_memos: shardable(many(0.05, 'invoice', 2_000), {
    memo_by_invoice: ['invoiceId', 'place'],
    memo_in_series: ['series', 'seq'],
    number_of_memo: ['number'],
  }),
  credits: shardable(many(0.1, 'group', 500), { credit_of_code: ['billingGroupId', 'codeId'] }),
  imports: shardable(many(5, 'month', 3_000), { import_attempt: ['slack.fileId', 'replace', 'attempt'] }),
  invoices: shardable(many(1, 'invoice', 2_500), {
    one_invoice_of_period: ['billingGroupId', 'period'],
    place_in_series: ['series', 'seq'],
    number_of_invoice: ['number'],
  }),
  line_leftovers: shardable(many(0.001, 'invoice', 150)),
  mails: shardable(many(2, 'invoice', 500)),
  memberships: shardable(many(1.2, 'project', 300), {
    open_membership_of_project: ['projectId'],
    memberships_by_project: ['projectId', 'from'],
  }),
  move_requests: shardable(many(0.1, 'project', 1_500)),
  open_moves: shardable(many(0.01, 'project', 150)),
  payment_methods: shardable(many(0.2, 'group', 350)),
  payments: shardable(many(1, 'invoice', 450), { payment_by_identity: ['identity'] }),
  projects: shardable(many(1, 'project', 350), {
    project_name: ['nameKey'],
    project_external_id: ['externalId'],
    project_external_key: ['externalKey'],
  }),
  rates: shardable(many(60, 'month', 150), { rate_of_day: ['date', 'base', 'currency', 'source'] }),
  refunds: shardable(many(0.05, 'invoice', 350)),
  source_deliveries: shardable(many(2, 'month', 700), { delivery_once: ['sourceId', 'name'] }),
  sources: shardable(many(2, 'account', 900), { source_name: ['nameKey'] }),
  subscriptions: shardable(many(10, 'account', 700)),

  accounts: unsharded('read by its ID, which is the account', many(1, 'account', 1_000), {
    account_name: ['teamId', 'nameKey'],
  }),
  account_choices: unsharded(BY_PERSON, many(20, 'account', 120)),
  api_tokens: unsharded('found by its hash, before an account is known', many(5, 'account', 400), {
    token_hash: ['hash'],
    token_name: [ACCOUNT, 'nameKey'],
  }),
  people: unsharded(BY_PERSON, many(20, 'account', 120)),
  home_visits: unsharded(BY_PERSON, many(20, 'account', 250)),
  lead_user_groups: unsharded(
    'looked up by a user group of Slack, which may lead projects of several accounts',
    many(2, 'account', 500),
    {
      lead_group_of_account: [ACCOUNT, 'userGroupId'],
    },
  ),
  members: unsharded(BY_PERSON, many(20, 'account', 300), { member_of_account: [ACCOUNT, 'userId'] }),
  pictures: unsharded('found by the hash of its bytes, which accounts may share', many(1, 'account', 50_000)),
  threads: unsharded('found by its ID, which begins with the subscription’s', many(20, 'month', 150)),

  done_requests: unsharded(ACROSS, many(1, 'message', 150, 0.5)),
  holds: unsharded(ACROSS, many(40, 'account', 80)),
  item_failures: unsharded(ACROSS, many(0.1, 'account', 500)),
  job_runs: unsharded(ACROSS, many(2, 'process', 400)),
  jobs: unsharded('the alarms of the scheduler, one for each kind of job', many(2, 'process', 500), {
    one_of_each: ['name'],
  }),
  install_states: unsharded('about an installation that has no account yet', many(1, 'process', 200)),
  installations: unsharded('found by a workspace, before an account is known', many(1, 'account', 800)),
  keyed_requests: unsharded(ACROSS, many(0.05, 'message', 1_000, 0.05)),
  leases: unsharded(ACROSS, many(5, 'account', 150)),
  loop_turns: unsharded(ACROSS, many(1, 'process', 150)),
  once: unsharded(ACROSS, many(1, 'event', 150, 0.05)),
  schema_versions: unsharded(ACROSS, many(1, 'process', 100)),
  secrets: unsharded('shared by all processes', many(1, 'process', 150)),
  sent_messages: unsharded(ACROSS, many(1, 'message', 250, 2)),
  shared_files: unsharded(ACROSS, many(5, 'month', 250, 0.05)),
};
