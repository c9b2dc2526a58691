import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { isFields, textOf } from '../json.ts';
import { contentOf, postAsBot } from '../messages.ts';
import { APP_ID, SLACKBOT_ID } from '../state.ts';
import { organizationOf } from '../teams/host.ts';
import { installationFor, isOrgInstall } from '../teams/installed.ts';
import type { Channel, Fields, Person, SlashCommand } from '../types.ts';
import type { Ack } from './dispatch.ts';
import { channelName, LEGACY_TOKEN, responseUrl } from './payloads.ts';

/**
 * A person types a slash command. They see the app's answer, or that there was none, as in Slack.
 * @param line the whole line, such as "/billing groups"
 * @throws SlackRefusal channel_not_found, user_not_found
 */
export async function typeCommand(core: Core, userId: string, channelId: string, line: string): Promise<Ack> {
  const [, name = '', text = ''] = /^(\/\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const channel = core.state.visibleTo(userId).find((it) => it.id === channelId);
  const person = core.state.people.get(userId);
  if (!channel || !person) throw new SlackRefusal(person ? 'channel_not_found' : 'user_not_found');
  const command = commandFor(core, person, name);
  if (!command) {
    tell(
      core,
      userId,
      channelId,
      `${name} is not a valid command. In Slack, you can use / to see the commands there are.`,
    );
    return { status: 0, body: '', ms: 0, error: 'dispatch_failed' };
  }
  const responseKey = core.tickets.response({ userId, channelId });
  const ack = await core.link.form('command', {
    token: LEGACY_TOKEN,
    team_id: core.state.team.id,
    team_domain: core.state.team.domain,
    ...enterpriseOf(core),
    channel_id: channelId,
    channel_name: channelName(channel),
    user_id: userId,
    user_name: person.name,
    command: name,
    text: commandText(core, command, text.trim()),
    api_app_id: APP_ID,
    is_enterprise_install: String(isOrgInstall(core)),
    response_url: responseUrl(core, responseKey),
    trigger_id: core.tickets.trigger(userId),
  });
  showAnswer(core, userId, channel, name, ack);
  return ack;
}

/** People from other organizations have only the commands of their own workspace. */
function commandFor(core: Core, person: Person, name: string): SlashCommand | undefined {
  if (person.is_stranger || !installationFor(core)) return undefined;
  return core.state.commands.find((it) => it.command === name);
}

function enterpriseOf(core: Core): Record<string, string> {
  const organization = organizationOf(core);
  return organization ? { enterprise_id: organization.id, enterprise_name: organization.name } : {};
}

function showAnswer(core: Core, userId: string, channel: Channel, name: string, ack: Ack): void {
  if (ack.error !== undefined) {
    tell(core, userId, channel.id, `${name} failed with the error "${ack.error}"`);
    return;
  }
  const answer: Fields = isFields(ack.body) ? ack.body : { text: ack.body };
  if (!textOf(answer, 'text') && answer.blocks === undefined) return;
  try {
    const to = answer.response_type === 'in_channel' ? {} : { ephemeral_to: userId };
    postAsBot(core, channel.id, contentOf(core, answer), to);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    tell(core, userId, channel.id, `${name} failed with the error "invalid_command_response" (${error.message})`);
  }
}

/** A line from Slack itself that only one person sees. */
function tell(core: Core, userId: string, channelId: string, text: string): void {
  const ts = core.state.nextTs();
  core.state.putMessage({ type: 'message', ts, channel: channelId, user: SLACKBOT_ID, text, ephemeral_to: userId });
}

function commandText(core: Core, command: SlashCommand, text: string): string {
  if (command.should_escape !== true) return text;
  return escapeText(text)
    .replace(/@([\w.-]+)/g, (found, name) => mention(core, name) ?? found)
    .replace(/#([\w-]+)/g, (found, name) => channelLink(core, name) ?? found);
}

/** Escapes `&`, `<` and `>` as Slack does. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `<@U…|name>` for a person's name, `<!subteam^S…|@handle>` for a user group's handle. */
function mention(core: Core, name: string): string | undefined {
  const person = [...core.state.people.values()].find((it) => it.name === name);
  if (person) return `<@${person.id}|${person.name}>`;
  const group = core.state.userGroupOf(name);
  return group && `<!subteam^${group.id}|@${group.handle}>`;
}

function channelLink(core: Core, name: string): string | undefined {
  const channel = [...core.state.channels.values()].find((it) => it.name === name);
  return channel && `<#${channel.id}|${channel.name}>`;
}
