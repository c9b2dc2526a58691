import { section } from '../../src/slack/blocks.ts';
import type { Tab } from './tab.ts';

/** Opens the form of the billing information; its value is a target with account and group. */
export const BILLING_EDIT = 'billing.edit.open';

export const billingTab: Tab = async ({ group }) => [section(`${group.projects}`)];
