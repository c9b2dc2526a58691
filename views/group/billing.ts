import { section } from '../../src/slack/blocks.ts';
import type { Tab } from './tab.ts';

export const billingTab: Tab = async ({ group }) => [section(`${group.projects}`)];
