import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SlashCommand } from './workspace/index.ts';

const schema = z.object({
  features: z.object({
    slash_commands: z.array(
      z.object({
        command: z.string(),
        description: z.string(),
        usage_hint: z.string().default(''),
        should_escape: z.boolean().default(false),
      }),
    ),
  }),
});

/** The slash commands of the app's manifest, which the composer completes. @throws {Error} when the manifest has none */
export function slashCommands(): SlashCommand[] {
  const manifest = parse(readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8'));
  return schema.parse(manifest).features.slash_commands;
}
