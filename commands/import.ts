import { section } from '../src/slack/blocks/blocks.ts';
import type { Subcommand } from './router.ts';

const HOW = `*Importing costs*
• Drop a FOCUS CSV file (versions 1.0 to 1.4) into a channel that I am in; I ask before anything is imported. Or, at the machine: \`npm run import -- FILE --account NAME\`.
• Files are UTF-8 or UTF-16, with commas. Of any other file that you drop I say privately why it can’t be imported.
• The same file twice changes nothing, and a file that was cut off is completed by the next import of the whole one.
• Bad rows are rejected, with line, column and reason; the good ones go in.
• *Replace* replaces what the file’s sources gave for its billing months, as long as those months haven’t been invoiced. I show the changes by project first. Use it when a provider restates a month, or has renamed sub-accounts or services in it. You can undo it until the next import of that source.
• Costs of a month that has been invoiced go on the next invoice as late costs.
• If a provider splits one export into several files, share them with one message. They are imported together.`;

/** Explains how costs come in; needs no account, so that it can be read before the set-up. */
export function importHelp(): Subcommand {
  return {
    name: 'import',
    summary: 'Show how to import costs.',
    usage: '',
    examples: ['import'],
    topic: 'Costs',
    run: (context) => context.respond({ text: HOW, blocks: [section(HOW)] }),
  };
}
