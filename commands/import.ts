import { section } from '../src/slack/blocks/blocks.ts';
import { mayIssue } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

const HOW = `*Importing costs*
• Owners and billing admins can import costs.
• Drop a cost file into a channel that I’m in: FOCUS (versions 1.0 to 1.4), or the cost export of AWS, Azure, Google Cloud or Oracle Cloud. I’ll show you what an import would do before anything is stored. On the server, you can also run \`npm run import -- FILE --account NAME\`.
• Files can be CSV (in UTF-8 or UTF-16), the same compressed with gzip or ZIP, or Parquet. If I can’t import a file, I’ll tell you why in a private message.
• Any other bill can be imported as CSV: I’ll ask you once which columns hold what, and recognize such files from then on (\`/billing mappings\`).
• Importing the same file twice changes nothing. If a file was cut off, import the complete file to add what’s missing.
• Invalid rows are rejected with line, column and reason. All other rows are imported.
• *Replace earlier costs* replaces the costs of the file’s sources for its billing months, as long as those months haven’t been invoiced. I’ll show the changes by project first. Use it when a provider restates a month, or renames sub-accounts or services in it. You can undo it until the next import of that source.
• Costs of an invoiced month go on the next invoice as late costs.
• If a provider splits one export into several files, share them in one message. They’re imported together.`;

/** Explains how to import costs. Needs no account, so that it can be read before the setup. */
export function importHelp(): Subcommand {
  return {
    name: 'import',
    summary: 'Show how to import costs.',
    usage: '',
    examples: ['import'],
    topic: 'Costs',
    // those who set the account up read it before they have a role
    allowed: (role) => role === undefined || mayIssue(role),
    run: (context) => context.respond({ text: HOW, blocks: [section(HOW)] }),
  };
}
