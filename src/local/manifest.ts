import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Shortcut, SlashCommand } from './workspace/index.ts';

const schema = z.object({
  features: z.object({
    unfurl_domains: z.array(z.string()).default([]),
    slash_commands: z.array(
      z.object({
        command: z.string(),
        description: z.string(),
        usage_hint: z.string().default(''),
        should_escape: z.boolean().default(false),
      }),
    ),
    shortcuts: z
      .array(
        z.object({
          name: z.string(),
          type: z.enum(['global', 'message']),
          callback_id: z.string(),
          description: z.string(),
        }),
      )
      .default([]),
  }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }) }),
});

/** What the local workspace reads from the app's manifest, as Slack does. */
export interface Manifest {
  readonly slashCommands: SlashCommand[];
  readonly shortcuts: Shortcut[];
  /** The events that the app is subscribed to. */
  readonly subscriptions: string[];
  /** The domains whose links the app unfurls. */
  readonly unfurlDomains: string[];
}

/** @throws {Error} when the manifest is invalid */
export function readManifest(): Manifest {
  const text = readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8');
  const { features, settings } = schema.parse(parse(text));
  return {
    slashCommands: features.slash_commands,
    shortcuts: features.shortcuts,
    unfurlDomains: features.unfurl_domains,
    subscriptions: settings.event_subscriptions.bot_events,
  };
}
