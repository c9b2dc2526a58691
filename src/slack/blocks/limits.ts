/**
 * Slack's limits, in characters unless another unit is named. From Block Kit's reference
 * (https://docs.slack.dev/reference/block-kit) and the Web API's.
 */
export const LIMITS = {
  message: { blocks: 50, text: 40_000, recommendedText: 4_000 },
  view: { blocks: 100, title: 24, submit: 24, close: 24, privateMetadata: 3_000, bytes: 250_000 },
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
  choices: { options: 10 },
  input: { label: 2_000, hint: 2_000, error: 2_000 },
  plainTextInput: { text: 3_000 },
  image: { url: 3_000, altText: 2_000, title: 2_000 },
  table: { rows: 100, columns: 20, characters: 10_000, perMessage: 1 },
  url: 3_000,
} as const;
