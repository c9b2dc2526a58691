import { expect, it } from '@jest/globals';
import { slashCommands } from '../../src/local/slash-commands.ts';

it('commands are escaped in the local workspace as the manifest asks of Slack', () => {
  expect(slashCommands()).toContainEqual(expect.objectContaining({ command: '/billing', should_escape: true }));
});
