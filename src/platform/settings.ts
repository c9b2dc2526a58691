import { isIP } from 'node:net';
import { z } from 'zod';
import type { LogLevel } from './logger.ts';
import { readSecretKeys } from './secret-box.ts';

/** The EU's own address: https://ec.europa.eu/taxation_customs/vies/#/technical-information */
const VIES_URL = 'https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number';

export interface Settings {
  /** `local`: no Slack, everything on this machine. `slack`: connected to a real workspace. */
  readonly mode: 'local' | 'slack';
  /** Where the server listens; `port` 0 uses any free port. */
  readonly host: string;
  readonly port: number;
  /** Undefined if not set: `info`, or `warn` in local mode. */
  readonly logLevel: LogLevel | undefined;
  /** Set in `slack` mode, and in `local` mode to use an existing database. */
  readonly mongodbUri: string | undefined;
  readonly slack: SlackSettings | undefined;
  /** The Web API's address, ending in a slash; undefined for Slack's own. */
  readonly slackApiUrl: string | undefined;
  /** For local mode: the page's port, and the folder where data is kept between runs. */
  readonly localPort: number;
  readonly dataDir: string;
  /** The address of the EU's VIES service for checking VAT IDs; undefined to check none. */
  readonly viesUrl: string | undefined;
  /** Where cards are charged; undefined if they aren't. */
  readonly stripe: StripeSettings | undefined;
  /** Where emails are sent; undefined if none are. */
  readonly mail: MailSettings | undefined;
  /** Whose X-Forwarded-For header is trusted; undefined for nobody's. */
  readonly trustProxy: TrustProxy | undefined;
  /** Required to read `/metrics` from another machine, or through a proxy. */
  readonly metricsToken: string | undefined;
  /** Where traces and metrics are sent over OTLP/HTTP; undefined if they aren't. */
  readonly telemetryEndpoint: string | undefined;
  /** The addresses of what people see in Slack; undefined without a public address. */
  readonly links: LinkSettings | undefined;
  /** The Invoice API; undefined if it is disabled. */
  readonly api: ApiSettings | undefined;
  /** The keys of secrets in the database, for a `SecretBox`, the newest first; undefined if there are none. */
  readonly secretKeys: readonly Buffer[] | undefined;
  /** Where sources of costs may be. */
  readonly sources: SourceSettings;
  /** How long to wait at startup for the database and Slack, in milliseconds. */
  readonly startupTimeoutMs: number;
}

export interface SourceSettings {
  /** The folder in which sources of costs can be folders; undefined for none. */
  readonly folder: string | undefined;
  /** Whether they may be at private addresses, such as a server in the same network. */
  readonly allowsPrivate: boolean;
}

export interface LinkSettings {
  /** Where browsers reach this app: an origin, without a slash at the end. */
  readonly baseUrl: string;
  /** The app's ID in Slack, to which its pages lead. */
  readonly appId: string;
  /** Requests per minute for each address. */
  readonly perMinute: number;
  /** See `Settings.trustProxy`. */
  readonly trustProxy: TrustProxy | undefined;
}

export interface ApiSettings {
  /** Requests per minute for each token. */
  readonly perMinute: number;
  /** The origins whose pages may send requests; none by default. */
  readonly corsOrigins: readonly string[];
  /** See `Settings.trustProxy`. */
  readonly trustProxy: TrustProxy | undefined;
}

/** How many proxies are in front, or their addresses and networks, in the form of Express's `trust proxy`. */
export type TrustProxy = number | readonly string[];

export interface StripeSettings {
  readonly secretKey: string;
  /** The secret of the endpoint for Stripe's webhooks. Without one, the product only polls for charges. */
  readonly webhookSecret: string | undefined;
  readonly apiUrl: string | undefined;
}

export interface MailSettings {
  readonly url: string;
  readonly from: string;
}

export type SlackSettings =
  | { readonly kind: 'http'; readonly botToken: string; readonly signingSecret: string }
  | { readonly kind: 'socket'; readonly botToken: string; readonly appToken: string }
  /** Many workspaces install the app. */
  | {
      readonly kind: 'many';
      readonly signingSecret: string;
      readonly install: InstallSettings;
      /** How long data about workspaces that uninstalled the app is kept, in days. */
      readonly retentionDays: number;
    };

/** What the app needs to be installed by many workspaces. */
export interface InstallSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly stateSecret: string;
  readonly secretKeys: readonly Buffer[];
}

/** Lists everything that is missing or invalid, one per line. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`Some settings are missing or invalid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/** Network names that Express supports. */
const NETWORKS: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

function isTrustProxy(given: number | readonly string[]): boolean {
  if (typeof given === 'number') return given >= 1 && given <= 10;
  return given.length > 0 && given.every((one) => NETWORKS.includes(one) || isNetwork(one));
}

/** A web address without a path, since Slack and browsers ask for the app's own paths. */
function isOrigin(text: string): boolean {
  return /^https?:/i.test(text) && URL.canParse(text) && `${new URL(text).origin}/` === new URL(text).href;
}

/** An IP address, with or without a prefix length. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits);
  return isIP(address) !== 0 && isPrefix && more.length === 0;
}

const port = z.coerce.number('must be a whole number from 0 to 65535').int().min(0).max(65535);

const schema = z.object({
  NODE_ENV: z.string().optional(),
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', 'must start with xoxb-').optional(),
  SLACK_SIGNING_SECRET: z.string().min(8, 'must have at least 8 characters').optional(),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', 'must start with xapp-').optional(),
  SLACK_CLIENT_ID: z
    .string()
    .regex(/^[\w.-]+$/, 'must be an ID such as 123.456')
    .optional(),
  SLACK_CLIENT_SECRET: z.string().min(8, 'must have at least 8 characters').optional(),
  SLACK_STATE_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  WORKSPACE_RETENTION_DAYS: z.coerce
    .number('must be a number of days, from 1 to 3,650')
    .int('must be a number of days, from 1 to 3,650')
    .min(1, 'must be a number of days, from 1 to 3,650')
    .max(3_650, 'must be a number of days, from 1 to 3,650')
    .default(90),
  SLACK_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be a URL' })
    .transform((url) => url.replace(/\/*$/, '/'))
    .optional(),
  SLACK_APP_ID: z
    .string()
    .regex(/^A[A-Z0-9]+$/, 'must be an ID such as A0123456789')
    .optional(),
  BASE_URL: z
    .string()
    .refine(isOrigin, 'must be an address without a path, such as https://billing.example.com')
    .transform((text) => new URL(text).origin)
    .optional(),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional(),
  SECRETS_KEY: z
    .string()
    .transform(readSecretKeys)
    .refine((keys) => keys !== undefined, 'must be 32 random bytes in base64 or hex, or several such keys')
    .optional(),
  SOURCES_FOLDER: z.string().optional(),
  ALLOW_PRIVATE_SOURCES: z.enum(['on', 'off'], 'must be on or off').default('off'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'must be trace, debug, info, warn, error or silent')
    .optional(),
  STARTUP_TIMEOUT_SECONDS: z.coerce
    .number('must be a whole number from 0 to 86,400')
    .int()
    .min(0)
    .max(86_400)
    .default(300),
  LOCAL_PORT: port.default(4000),
  DATA_DIR: z.string().default('.data'),
  VIES_URL: z.union([z.literal('off'), z.url({ protocol: /^https?$/, error: 'must be a URL, or off' })]).optional(),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_/, 'must start with sk_ or rk_')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z.string().startsWith('whsec_', 'must start with whsec_').optional(),
  STRIPE_API_URL: z.url({ protocol: /^https?$/, error: 'must be a URL' }).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must start with smtp:// or smtps://' }).optional(),
  MAIL_FROM: z.email('must be an email address').optional(),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be a URL' }).optional(),
  TRUST_PROXY: z
    .string()
    .transform((text) => (/^\d+$/.test(text.trim()) ? Number(text) : text.split(/[\s,]+/).filter(Boolean)))
    .refine(isTrustProxy, 'must be the number of proxies (1 to 10), or their addresses, such as 10.0.0.0/8')
    .optional(),
  API: z.enum(['on', 'off'], 'must be on or off').default('on'),
  API_RATE_LIMIT: z.coerce
    .number('must be a whole number from 1 to 1,000,000')
    .int()
    .min(1)
    .max(1_000_000)
    .default(600),
  API_CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(z.url({ protocol: /^https?$/, error: 'must be a list of origins, such as https://bi.example.com' })))
    .transform((all) => all.map((one) => new URL(one).origin))
    .default([]),
});

/** The settings of each way to run in Slack. Any of them turns local mode off. */
const ONE_WORKSPACE = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN'] as const;
const MANY_WORKSPACES = ['SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET', 'SLACK_STATE_SECRET'] as const;

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(schema.shape);

/** Each setting's purpose, shown with every problem. */
const PURPOSES: Readonly<Record<string, string>> = {
  STARTUP_TIMEOUT_SECONDS: 'how long startup waits for the database and Slack, in seconds (0: no waiting)',
  NODE_ENV: '“production” never falls back to local mode',
  SLACK_BOT_TOKEN: 'the bot token (xoxb-…, from the app’s page “OAuth & Permissions”)',
  SLACK_SIGNING_SECRET: 'verifies that requests over HTTP come from Slack (from the app’s page “Basic Information”)',
  SLACK_APP_TOKEN:
    'the app-level token (xapp-…, with connections:write) for Socket Mode, used when Slack can’t reach this machine',
  SLACK_CLIENT_ID:
    'lets many workspaces install the app, instead of SLACK_BOT_TOKEN for one (from the app’s page “Basic Information”)',
  SLACK_CLIENT_SECRET: 'proves to Slack that an installation is this app’s (from the same page)',
  SLACK_STATE_SECRET: 'signs installations that were begun here: any long random text',
  WORKSPACE_RETENTION_DAYS:
    'how long data about people and channels of a workspace is kept after it uninstalled the app, in days',
  SLACK_API_URL: 'the address of Slack’s Web API, for test servers',
  SLACK_APP_ID: 'the app’s ID (A…, from the app’s page “Basic Information”), which links lead to',
  BASE_URL:
    'the public address of this app, for links to invoices, billing groups and move requests. Without it, there are none',
  MONGODB_URI: 'the database, a MongoDB replica set (transactions need one)',
  SECRETS_KEY:
    'encrypts tokens and credentials in the database (openssl rand -base64 32). To replace it, set the new key and the old one, separated by a comma',
  SOURCES_FOLDER:
    'the folder whose subfolders can be sources of cost files, such as one that SFTP writes to. None by default',
  ALLOW_PRIVATE_SOURCES:
    'lets sources of cost files be at private addresses (on or off). Off by default, so that nobody can reach servers in this network through the app',
  HOST: 'the address the server listens on',
  PORT: 'the port the server listens on',
  LOG_LEVEL: 'the log level',
  LOCAL_PORT: 'the port of the local mode page',
  DATA_DIR: 'the folder for local mode’s data',
  STRIPE_SECRET_KEY:
    'the key that charges cards (sk_… or rk_…), from Stripe’s “API keys” page. Without it, card invoices stay due',
  STRIPE_WEBHOOK_SECRET: 'verifies that webhook requests come from Stripe (whsec_…, of the endpoint /stripe/webhook)',
  STRIPE_API_URL: 'the address of Stripe’s API, for test servers',
  SMTP_URL:
    'the server that sends invoices and reminders by email (smtps://user:password@host). Without it, none are sent',
  MAIL_FROM: 'the address that emails are sent from',
  METRICS_TOKEN: 'token required to read /metrics from another machine or through a proxy',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'the OpenTelemetry collector that traces and metrics are sent to',
  TRUST_PROXY: 'the proxies in front of the app whose X-Forwarded-For is trusted: their number or addresses',
  API: 'turns the Invoice API under /v1 on or off',
  API_RATE_LIMIT: 'requests per minute for each token of the Invoice API',
  API_CORS_ORIGINS: 'the origins whose pages may call the Invoice API, separated by commas. None by default',
  VIES_URL: 'the service that confirms EU VAT IDs (the EU’s own by default, off in local mode)',
};

/**
 * Reads the environment once.
 *
 * @throws {SettingsError} with everything that is missing or invalid, and its purpose
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  // an empty variable counts as not set
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => fault(String(issue.path[0]), issue.message));
  const wantsSlack = [...ONE_WORKSPACE, ...MANY_WORKSPACES].some((name) => given[name] !== undefined);
  const mode = wantsSlack || given.NODE_ENV === 'production' ? 'slack' : 'local';
  if (mode === 'slack') faults.push(...missingForSlack(given));
  if (given.SMTP_URL && !given.MAIL_FROM) faults.push(fault('MAIL_FROM', 'is missing'));
  if (given.STRIPE_WEBHOOK_SECRET && !given.STRIPE_SECRET_KEY) faults.push(fault('STRIPE_SECRET_KEY', 'is missing'));
  if (mode === 'slack' && given.BASE_URL && !given.SLACK_APP_ID) faults.push(fault('SLACK_APP_ID', 'is missing'));
  if (!parsed.success || faults.length > 0) throw new SettingsError(faults);
  const { data } = parsed;
  return {
    mode,
    host: data.HOST,
    port: data.PORT,
    logLevel: data.LOG_LEVEL,
    mongodbUri: data.MONGODB_URI,
    slack: slackSettings(data),
    slackApiUrl: data.SLACK_API_URL,
    secretKeys: data.SECRETS_KEY,
    sources: { folder: data.SOURCES_FOLDER, allowsPrivate: data.ALLOW_PRIVATE_SOURCES === 'on' },
    localPort: data.LOCAL_PORT,
    dataDir: data.DATA_DIR,
    viesUrl: viesUrl(mode, data.VIES_URL),
    stripe: stripeSettings(data),
    metricsToken: data.METRICS_TOKEN,
    telemetryEndpoint: data.OTEL_EXPORTER_OTLP_ENDPOINT,
    startupTimeoutMs: data.STARTUP_TIMEOUT_SECONDS * 1000,
    trustProxy: data.TRUST_PROXY,
    links: linkSettings(data),
    api:
      data.API === 'on'
        ? { perMinute: data.API_RATE_LIMIT, corsOrigins: data.API_CORS_ORIGINS, trustProxy: data.TRUST_PROXY }
        : undefined,
    mail: data.SMTP_URL && data.MAIL_FROM ? { url: data.SMTP_URL, from: data.MAIL_FROM } : undefined,
  };
}

function linkSettings(data: z.infer<typeof schema>): LinkSettings | undefined {
  const { BASE_URL: baseUrl, SLACK_APP_ID: appId, API_RATE_LIMIT: perMinute, TRUST_PROXY: trustProxy } = data;
  return baseUrl && appId ? { baseUrl, appId, perMinute, trustProxy } : undefined;
}

function stripeSettings(data: z.infer<typeof schema>): StripeSettings | undefined {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_API_URL: apiUrl } = data;
  return secretKey ? { secretKey, webhookSecret, apiUrl } : undefined;
}

/** The EU's own service, unless another one is set or it is off. Local mode uses none by default. */
function viesUrl(mode: Settings['mode'], given: string | undefined): string | undefined {
  if (given === 'off') return undefined;
  return given ?? (mode === 'slack' ? VIES_URL : undefined);
}

function missingForSlack(given: Record<string, string | undefined>): string[] {
  if (MANY_WORKSPACES.some((name) => given[name] !== undefined)) return missingForMany(given);
  const faults: string[] = [];
  if (!given.SLACK_BOT_TOKEN) faults.push(fault('SLACK_BOT_TOKEN', 'is missing'));
  if (!given.SLACK_SIGNING_SECRET && !given.SLACK_APP_TOKEN) {
    faults.push(fault('SLACK_SIGNING_SECRET', 'is missing'), `or ${fault('SLACK_APP_TOKEN', 'is missing')}`);
  }
  if (!given.MONGODB_URI) faults.push(fault('MONGODB_URI', 'is missing'));
  return faults;
}

function missingForMany(given: Record<string, string | undefined>): string[] {
  const needed = [...MANY_WORKSPACES, 'SLACK_SIGNING_SECRET', 'SECRETS_KEY', 'MONGODB_URI'];
  const faults = needed.filter((name) => !given[name]).map((name) => fault(name, 'is missing'));
  const onlyForOne = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'].filter((name) => given[name]);
  return [...faults, ...onlyForOne.map((name) => `${name} is only for one workspace: unset it, or SLACK_CLIENT_ID`)];
}

function fault(name: string, what: string): string {
  return `${name} ${what}: ${PURPOSES[name] ?? 'unknown'}`;
}

function slackSettings(data: z.infer<typeof schema>): SlackSettings | undefined {
  const { SLACK_CLIENT_ID: clientId, SLACK_CLIENT_SECRET: clientSecret, SLACK_STATE_SECRET: stateSecret } = data;
  const { SECRETS_KEY: secretKeys, WORKSPACE_RETENTION_DAYS: retentionDays } = data;
  if (clientId && clientSecret && stateSecret && secretKeys && data.SLACK_SIGNING_SECRET) {
    const install = { clientId, clientSecret, stateSecret, secretKeys };
    return { kind: 'many', signingSecret: data.SLACK_SIGNING_SECRET, install, retentionDays };
  }
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = data;
  if (!botToken) return undefined;
  // with both, HTTP: it needs no permanent connection
  if (signingSecret) return { botToken, kind: 'http', signingSecret };
  return appToken ? { botToken, kind: 'socket', appToken } : undefined;
}
