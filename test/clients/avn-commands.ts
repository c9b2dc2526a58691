/** What is put into commands: `{name}` stands for a value of the world, and `{made}` for the billing group that avn created. */
export interface AvnCommand {
  readonly args: readonly string[];
  /** The exit code; 0 unless said. */
  readonly exit?: number;
  /** What it has to print, on stdout or stderr. */
  readonly says?: readonly (string | RegExp)[];
}

const FULL = [
  ...['--company', 'Acme Ltd', '--address-line', 'Main Street 1', '--address-line', '2nd floor', '--city', 'Helsinki'],
  ...['--zip-code', '00100', '--country-code', 'fi', '--vat-id', '', '--billing-currency', 'EUR'],
  ...['--billing-extra-text', 'PO 1', '--billing-email', 'billing@acme.example'],
];

/** Every billing-group command of avn and what else it asks for along the way, in an order that lets each succeed. */
export const AVN_COMMANDS: readonly AvnCommand[] = [
  { args: ['account', 'list'], says: ['ACCOUNT_ID', '{account}'] },
  { args: ['user', 'info'], says: ['Power BI', 'active'] },
  { args: ['project', 'list'], says: ['PROJECT_NAME', 'p1', 'p2'] },
  { args: ['project', 'list', '-v'], says: ['p1', 'p2'] },
  { args: ['project', 'details', '--project', 'p1'], says: ['p1'] },
  { args: ['project', 'details', '--project', 'nobody'], exit: 1, says: ['no project named', '404'] },
  {
    args: ['project', 'create', 'by-avn', '--parent-id', '{account}', '--billing-group-id', '{other}'],
    says: ['by-avn'],
  },
  { args: ['project', 'create', 'by-avn', '--parent-id', '{account}'], exit: 1, says: ['already exists', '409'] },
  { args: ['project', 'create', 'by-avn', '--parent-id', '{account}', '--no-fail-if-exists'] },
  {
    args: ['project', 'create', 'copied', '--parent-id', '{account}', '-c', 'p1', '--use-source-project-billing-group'],
    says: ['copied'],
  },
  { args: ['project', 'create', 'x', '--parent-id', '{account}', '--cloud', 'aws-eu-west-1'], exit: 1, says: ['400'] },
  { args: ['credits', 'list', '--project', 'p1'] },
  { args: ['events', '--project', 'p1'], says: ['ACTOR', 'EVENT_DESC', 'p1'] },
  { args: ['events', '--project', 'p1', '-n', '1', '--json'], says: ['"event_type"'] },
  { args: ['billing-group', 'list'], says: ['BILLING_GROUP_NAME', '{group}', 'Other'] },
  { args: ['billing-group', 'list', '-v'], says: ['{group}', 'EUR'] },
  { args: ['billing-group', 'list', '--json'], says: ['"billing_group_id": "{other}"'] },
  { args: ['billing-group', 'create', 'Made by avn', '--account-id', '{account}', ...FULL], says: ['Made by avn'] },
  {
    args: ['billing-group', 'create', 'Made by avn', '--account-id', '{account}'],
    exit: 1,
    says: ['already exists', '409'],
  },
  { args: ['billing-group', 'create', 'x', '--account-id', 'nobody'], exit: 1, says: ['404'] },
  {
    args: ['billing-group', 'create', 'x', '--account-id', '{account}', '--card-id', 'none'],
    exit: 1,
    says: ['card_id', '400'],
  },
  { args: ['billing-group', 'get', '{made}', '-v'], says: ['Acme Ltd', 'FI', 'PO 1', 'billing@acme.example', 'None'] },
  { args: ['billing-group', 'get', '{group}', '-v'], says: ['Billing group projects', 'p1', 'p2'] },
  { args: ['billing-group', 'get', 'nobody'], exit: 1, says: ['404'] },
  { args: ['billing-group', 'update', '{made}', '--name', 'Renamed by avn', '--city', 'Oulu', '--card-id', ''] },
  { args: ['billing-group', 'update', '{made}', '--country-code', 'XX'], exit: 1, says: ['country_code', '400'] },
  { args: ['billing-group', 'get', '{made}', '-v'], says: ['Renamed by avn', 'Oulu'] },
  { args: ['billing-group', 'assign-projects', '{made}', 'p2', 'by-avn'] },
  { args: ['billing-group', 'assign-projects', '{made}', 'nobody'], exit: 1, says: ['404'] },
  { args: ['billing-group', 'get', '{made}', '-v'], says: ['p2', 'by-avn'] },
  { args: ['billing-group', 'delete', '{made}'], exit: 1, says: ['409'] },
  { args: ['billing-group', 'events', '{made}', '-n', '5'], says: ['CREATE_TIME', 'Power BI'] },
  { args: ['billing-group', 'credits-claim', '{group}', '{code}'] },
  { args: ['billing-group', 'credits-claim', '{group}', '{code}'], exit: 1, says: ['409'] },
  { args: ['billing-group', 'credits-claim', '{group}', 'NOT-A-CODE'], exit: 1 },
  { args: ['billing-group', 'credits-list', '{group}'], says: ['REMAINING_VALUE', '{code}'] },
  { args: ['billing-group', 'invoice-list', '{group}'], says: ['INVOICE_NUMBER', '{invoice}', 'estimate-2026-11'] },
  { args: ['billing-group', 'invoice-list', '{group}', '--sort', 'total_inc_vat', '-v'], says: ['{invoice}', 'EUR'] },
  { args: ['billing-group', 'invoice-lines', '{group}', '{invoice}'], says: ['LINE_TOTAL_LOCAL', '100.01', 'EUR'] },
  { args: ['billing-group', 'invoice-lines', '{group}', 'NONE-1'], exit: 1, says: ['404'] },
  { args: ['billing-group', 'assign-projects', '{group}', 'p2', 'by-avn'] },
  { args: ['billing-group', 'delete', '{made}'] },
  { args: ['billing-group', 'get', '{made}'], exit: 1, says: ['404'] },
];

/** What avn takes from answers and prints: where it is, and its fields. The path is that of a request, without its query. */
export const AVN_READS: readonly { readonly path: RegExp; readonly at: string; readonly fields: readonly string[] }[] =
  [
    { path: /^\/account$/, at: 'accounts', fields: ['account_id', 'account_name'] },
    { path: /^\/me$/, at: 'user', fields: ['user', 'real_name', 'state', 'token_validity_begin', 'projects', 'auth'] },
    ...[/^\/project$/, /^\/project\/[^/]+$/].map((path, at) => ({
      path,
      at: at === 0 ? 'projects' : 'project',
      fields: [
        ...['project_name', 'default_cloud', 'billing_currency', 'vat_id', 'billing_address', 'country_code'],
        ...['billing_extra_text', 'card_info'],
      ],
    })),
    { path: /\/credits$/, at: 'credits', fields: ['code', 'remaining_value'] },
    {
      path: /^\/project\/.*\/events$/,
      at: 'events',
      fields: ['time', 'actor', 'event_type', 'service_name', 'event_desc'],
    },
    { path: /^\/billing-group\/.*\/events$/, at: 'events', fields: ['create_time', 'actor', 'event_desc'] },
    ...[/^\/billing-group$/, /^\/billing-group\/[^/]+$/].map((path, at) => ({
      path,
      at: at === 0 ? 'billing_groups' : 'billing_group',
      fields: [
        ...[
          'billing_group_id',
          'billing_group_name',
          'account_name',
          'payment_method',
          'card_info',
          'vat_id',
          'company',
        ],
        ...[
          'billing_currency',
          'estimated_balance_usd',
          'estimated_balance_local',
          'billing_extra_text',
          'billing_emails',
        ],
        ...['address_lines', 'country_code', 'city', 'state', 'zip_code'],
      ],
    })),
    { path: /\/projects$/, at: 'projects', fields: ['project_name', 'estimated_balance', 'available_credits'] },
    {
      path: /\/invoice$/,
      at: 'invoices',
      fields: [
        ...['invoice_number', 'period_begin', 'period_end', 'state', 'total_inc_vat', 'total_vat_zero', 'currency'],
        'download_cookie',
      ],
    },
    {
      path: /\/lines$/,
      at: 'lines',
      fields: [
        ...['timestamp_begin', 'timestamp_end', 'line_type', 'description', 'line_total_local', 'local_currency'],
        'line_total_usd',
      ],
    },
  ];
