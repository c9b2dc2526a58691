import { section } from '../../src/slack/blocks.ts';
import type { Tab } from './tab.ts';

export const eventsTab: Tab = async ({ group }) => [section(`${group.projects}`)];
