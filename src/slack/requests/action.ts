import type { BlockAction, BlockElementAction, ViewOutput } from '@slack/bolt';
import { type FormValues, readForm } from './form-values.ts';

/** A click or a choice, in the same form for all kinds of elements. */
export interface Action {
  readonly actionId: string;
  readonly blockId: string;
  /** A button's value, or the first value chosen or typed. */
  readonly value: string | undefined;
  /** All chosen values. */
  readonly values: readonly string[];
  /** The message that contains the element. An ephemeral message can only be replaced with `respond`. */
  readonly message: { readonly channelId: string; readonly ts: string; readonly ephemeral: boolean } | undefined;
  /** The modal or Home tab that contains the element. */
  readonly view: ViewOutput | undefined;
  /** The values of the other inputs around it. */
  readonly form: FormValues;
}

export function readAction(action: BlockElementAction, body: BlockAction): Action {
  const values = valuesOf(action);
  return {
    actionId: action.action_id,
    blockId: action.block_id,
    value: values[0],
    values,
    message: messageOf(body),
    view: body.view,
    form: readForm(body.view?.state.values ?? body.state?.values),
  };
}

function messageOf(body: BlockAction): Action['message'] {
  const { container, message, channel } = body;
  const ts: unknown = message?.ts ?? container.message_ts;
  const channelId: unknown = channel?.id ?? container.channel_id;
  if (typeof ts !== 'string' || typeof channelId !== 'string') return undefined;
  return { channelId, ts, ephemeral: container.is_ephemeral === true };
}

function valuesOf(action: BlockElementAction): readonly string[] {
  switch (action.type) {
    case 'static_select':
    case 'external_select':
    case 'overflow':
    case 'radio_buttons':
      return present(action.selected_option?.value);
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return (action.selected_options ?? []).flatMap((chosen) => present(chosen.value));
    case 'users_select':
      return present(action.selected_user);
    case 'conversations_select':
      return present(action.selected_conversation);
    case 'channels_select':
      return present(action.selected_channel);
    case 'multi_users_select':
      return action.selected_users;
    case 'multi_conversations_select':
      return action.selected_conversations;
    case 'multi_channels_select':
      return action.selected_channels;
    case 'datepicker':
      return present(action.selected_date);
    case 'timepicker':
      return present(action.selected_time);
    case 'rich_text_input':
      return [];
    default:
      return present(action.value);
  }
}

function present(value: string | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [value];
}
