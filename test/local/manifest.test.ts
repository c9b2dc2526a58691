import { expect, it } from '@jest/globals';
import { readManifest } from '../../src/local/manifest.ts';

it('commands, shortcuts and events come from the app’s manifest', () => {
  const { slashCommands, shortcuts, subscriptions } = readManifest();
  expect(slashCommands.map((one) => one.command)).toEqual(['/billing']);
  expect(slashCommands[0]).toMatchObject({ should_escape: true, usage_hint: expect.stringContaining('groups') });
  for (const shortcut of shortcuts) expect(['global', 'message']).toContain(shortcut.type);
  expect(subscriptions).toContain('file_shared');
});
