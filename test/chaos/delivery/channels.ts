import { BOT_USER_ID, type LocalWorkspace, type Message, startWorkspace } from '../../../src/local/workspace/index.ts';
import type { Ctx } from '../../../src/services/context.ts';
import { createGroup } from '../../../src/services/groups.ts';
import { record } from '../../../src/services/log.ts';
import { subscribe } from '../../../src/services/subscriptions.ts';
import { Events } from '../../../src/store/events.ts';
import { inTransaction } from '../../../src/store/transaction.ts';
import { anAccount } from '../../support/context.ts';

export const BOT_TOKEN = 'xoxb-for-tests';
const READER = 'U0READER';
/** Neighbours of different kinds are not folded into one message, unless there are many of them. */
const TYPES = ['billing_group_changed', 'billing_information_changed', 'currency_changed'] as const;

/** A channel with a group whose events it is told. */
export interface Told {
  readonly channelId: string;
  readonly subscriptionId: string;
  readonly billingGroupId: string;
}

/** A workspace with so many channels, each of which the bot is in. */
export function slackWith(channels: number): Promise<LocalWorkspace> {
  return startWorkspace({
    port: 0,
    signingSecret: 'a-secret-for-tests',
    botToken: BOT_TOKEN,
    seed: {
      team: { id: 'T0TEST', name: 'Test', domain: 'test' },
      users: [{ id: READER, name: 'reader', real_name: 'Reader', tz: 'Europe/Berlin' }],
      channels: Array.from({ length: channels }, (_, at) => ({
        id: channelId(at),
        name: `channel-${at}`,
        members: [READER, BOT_USER_ID],
      })),
    },
    slashCommands: [],
  });
}

/** An account whose groups each have a channel that is told of them. */
export async function subscribeAll(ctx: Ctx, channels: number): Promise<{ accountId: string; told: Told[] }> {
  const { _id: accountId } = await anAccount(ctx);
  const told: Told[] = [];
  for (let at = 0; at < channels; at++) {
    const { _id: billingGroupId } = await createGroup(ctx, { accountId, name: `Group ${at}` });
    const of = { channelId: channelId(at), isPersonal: false, groupIds: [billingGroupId] };
    told.push({ channelId: of.channelId, billingGroupId, subscriptionId: (await subscribe(ctx, accountId, of))._id });
  }
  return { accountId, told };
}

/** Something happens to a group, as a service would write it. */
export async function happen(ctx: Ctx, accountId: string, billingGroupId: string, number: number): Promise<void> {
  const type = TYPES[number % TYPES.length] ?? TYPES[0];
  await inTransaction(() => record(ctx, { accountId, type, billingGroupId, description: `Event ${number}` }));
}

/** What is wrong with what a channel was told: each of its events once, in the order of the log; nothing where all is well. */
export async function faultsOf(
  slack: LocalWorkspace,
  { channelId, subscriptionId, billingGroupId }: Told,
): Promise<string[]> {
  const events = await Events.find({ billingGroupId, type: { $in: [...TYPES] } }, { logEntryId: 1 })
    .sort({ logEntryId: 1 })
    .lean();
  const ranges = slack
    .as(READER)
    .messages(channelId)
    .flatMap((message) => rangeOf(message, subscriptionId));
  const faults: string[] = [];
  let last = 0;
  for (const { from, to } of ranges) {
    if (from <= last) faults.push(`${channelId}: ${from}-${to} was told after ${last}`);
    last = to;
  }
  for (const { logEntryId = 0 } of events) {
    const times = ranges.filter(({ from, to }) => from <= logEntryId && logEntryId <= to).length;
    if (times !== 1) faults.push(`${channelId}: ${logEntryId} was told ${times} times`);
  }
  return faults;
}

/** How many messages a channel has of ours. */
export function messagesIn(slack: LocalWorkspace, channel: string): number {
  return slack.as(READER).messages(channel).length;
}

/** The entries that a message tells of, as its metadata name them. */
function rangeOf({ metadata }: Message, subscriptionId: string): { from: number; to: number }[] {
  const key = metadata?.event_payload.key;
  const [, from, to] = new RegExp(`^${subscriptionId}:(\\d+)-(\\d+)$`).exec(String(key)) ?? [];
  return from === undefined || to === undefined ? [] : [{ from: Number(from), to: Number(to) }];
}

function channelId(at: number): string {
  return `C0NEWS${String(at).padStart(3, '0')}`;
}
