import type { Controls } from '../faults/bench.ts';
import type { Seed } from '../state.ts';
import type { Timing } from '../tickets.ts';
import type { Shortcut, SlashCommand } from '../types.ts';

/** The app and the server, the same for all workspaces. */
export interface AppOptions {
  /** 0 for any free port. */
  port: number;
  signingSecret: string;
  /** Lets an app connect over Socket Mode. Without it, requests go only to `appUrl`. */
  appToken?: string;
  /** Where signed requests go, such as http://127.0.0.1:3000/slack/events. Can be set later with connectApp. */
  appUrl?: () => string | undefined;
  /** The bot's name; 'bot' by default. */
  botName?: string;
  slashCommands: SlashCommand[];
  shortcuts?: Shortcut[];
  /** Event types as in a manifest's bot_events; all by default. */
  subscriptions?: readonly string[];
  /** The domains whose links the app unfurls, as in a manifest's unfurl_domains; none by default. */
  unfurlDomains?: readonly string[];
  /** Called with errors of the workspace itself. */
  log?: (words: string, cause: unknown) => void;
  /** Slack's timing. Tests shorten it. */
  timing?: Partial<Timing>;
  /** For timestamps and expiry. Requests are always signed by the wall clock, since the app checks against it. */
  clock?: { now(): Date };
  /** The time shown on messages and files, if it differs from `clock`: in local mode, the product's. */
  calendar?: { now(): Date };
  /** Whether Slack's rate limits apply from the start. They can be switched on and off later. */
  rateLimits?: boolean;
  /** What the page needs to move the product's clock and to reset. Without it, the page offers neither. */
  controls?: Controls;
}

/** One workspace. */
export interface TeamOptions {
  /** The bot is a member of each channel whose `members` include BOT_USER_ID. */
  seed: Seed;
  /** Keeps channels, messages and files between runs. The bytes of files are in a folder beside it. */
  stateFile?: string;
}
