import type {
  AllMiddlewareArgs,
  App,
  BlockAction,
  SlackActionMiddlewareArgs,
  SlackCommandMiddlewareArgs,
  SlackEventMiddlewareArgs,
  SlackOptionsMiddlewareArgs,
  SlackShortcutMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewClosedAction,
  ViewSubmitAction,
} from '@slack/bolt';
import type { Kind } from '../requests/request-context.ts';

/** What Bolt passes to a listener of each kind. */
interface ArgsOf {
  readonly command: SlackCommandMiddlewareArgs;
  readonly action: SlackActionMiddlewareArgs<BlockAction>;
  readonly submit: SlackViewMiddlewareArgs<ViewSubmitAction>;
  readonly closed: SlackViewMiddlewareArgs<ViewClosedAction>;
  readonly options: SlackOptionsMiddlewareArgs<'block_suggestion'>;
  readonly shortcut: SlackShortcutMiddlewareArgs;
  readonly event: SlackEventMiddlewareArgs;
}

export type Listener<Of extends Kind> = (args: ArgsOf[Of] & AllMiddlewareArgs) => Promise<void>;

/** What the app listens to, for the test that compares it with the manifest. */
export interface Registration {
  readonly kind: Kind;
  readonly name: string;
}

/**
 * The listeners by kind and name. Bolt asks each of its listeners whether a request is for it, which with hundreds of
 * them takes longer than everything else before the acknowledgement. So it has one of each kind, which looks ours up.
 */
export class Registry {
  private readonly listeners: { readonly [Of in Kind]: Map<string, Listener<Of>> } = {
    ...{ command: new Map(), action: new Map(), submit: new Map(), closed: new Map() },
    ...{ options: new Map(), shortcut: new Map(), event: new Map() },
  };
  private readonly added: Registration[] = [];

  /** In the order of their registration. */
  get registered(): readonly Registration[] {
    return this.added;
  }

  /** Adds a listener. @throws Error if there already is one of this name */
  register<Of extends Kind>(kind: Of, name: string, listener: Listener<Of>): void {
    if (this.listeners[kind].has(name)) throw new Error(`a listener is already registered: ${kind} ${name}`);
    this.listeners[kind].set(name, listener);
    this.added.push({ kind, name });
  }

  /** Requests that nobody listens to are left to `acknowledgeStrays`. */
  listenTo(bolt: App): void {
    const { command, action, submit, closed, options, shortcut, event } = this.listeners;
    bolt.command(/^/, async (args) => command.get(args.command.command)?.(args));
    bolt.action<BlockAction>({ type: 'block_actions' }, async (args) => action.get(args.action.action_id)?.(args));
    bolt.view<ViewSubmitAction>({ type: 'view_submission' }, async (args) => submit.get(args.view.callback_id)?.(args));
    bolt.view<ViewClosedAction>({ type: 'view_closed' }, async (args) => closed.get(args.view.callback_id)?.(args));
    bolt.options<'block_suggestion'>({ type: 'block_suggestion' }, async (args) =>
      options.get(args.options.action_id)?.(args),
    );
    bolt.shortcut({}, async (args) => shortcut.get(args.shortcut.callback_id)?.(args));
    bolt.event(/^/, async (args) => event.get(args.event.type)?.(args));
  }
}
