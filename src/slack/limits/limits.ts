/**
 * Slack's limits for the size and rate of what an app sends, in characters unless another unit is named. From Block
 * Kit's reference (https://docs.slack.dev/reference/block-kit), the pages of the Web API's methods, and those on rate
 * limits, verifying requests and handling interactions.
 */
export const LIMITS = {
  message: { blocks: 50, text: 40_000, recommendedText: 4_000 },
  view: { blocks: 100, title: 24, submit: 24, close: 24, privateMetadata: 3_000, bytes: 250_000, stacked: 3 },
  /** `action_id`, `block_id`, `callback_id`, `external_id`. */
  identifier: 255,
  section: { text: 3_000, fields: 10, field: 2_000 },
  header: 150,
  context: { elements: 10, text: 3_000 },
  actions: { elements: 25 },
  button: { text: 75, value: 2_000, url: 3_000, accessibilityLabel: 75 },
  confirm: { title: 100, text: 300, button: 30 },
  option: { text: 75, value: 150, description: 75 },
  select: { options: 100, groups: 100, groupLabel: 75 },
  placeholder: 150,
  overflow: { options: 5 },
  /** Radio buttons and checkboxes. */
  choices: { options: 10 },
  input: { label: 2_000, hint: 2_000, error: 2_000 },
  plainTextInput: { text: 3_000 },
  image: { url: 3_000, altText: 2_000, title: 2_000 },
  table: { rows: 100, columns: 20, characters: 10_000, perMessage: 1 },
  /** Rows with the header. */
  dataTable: { minRows: 2, rows: 101, columns: 20, characters: 10_000, pageSize: 100 },
  markdown: 12_000,
  url: 3_000,
} as const;

/** How long Slack waits, and how long what it issues is valid, in milliseconds unless another unit is named. */
export const TIME_LIMITS = {
  /** The time to acknowledge a command, an action, a submission or an event. */
  ackMs: 3_000,
  /** The time to answer an external select with its options. */
  optionsMs: 3_000,
  /** How long a `trigger_id` can open a view. It opens only one. */
  triggerMs: 3_000,
  responseUrl: { ms: 30 * 60_000, posts: 5 },
  /** How old a signed request can be before it must be rejected. */
  signatureAgeMs: 5 * 60_000,
  /** The waits before an event that wasn't acknowledged is sent again. */
  eventRetriesMs: [0, 60_000, 300_000],
} as const;

/** How many calls of a method per minute Slack guarantees, by the method's tier. */
export const TIERS = { 1: 1, 2: 20, 3: 50, 4: 100 } as const;

/**
 * conversations.history and conversations.replies, for apps that are distributed commercially outside Slack's
 * Marketplace, since 2026-03-03: calls per minute, and how many messages a call returns at most.
 */
export const RESTRICTED_HISTORY = { perMinute: 1, messages: 15 } as const;

/** chat.postMessage: "1 per second per channel, short bursts allowed", and "several hundred a minute" in all. */
export const POST_LIMITS = { burst: 5, everyMs: 1_000, minute: 300 } as const;
