import type { Fields } from './types.ts';

/** A refusal in the form of Slack's Web API: `{ok: false, error: code, …}`. Thrown by methods, answered by the API. */
export class SlackRefusal extends Error {
  readonly code: string;
  /** For `response_metadata.messages`. */
  readonly messages: string[];

  constructor(code: string, messages: string[] = []) {
    super([code, ...messages].join('; '));
    this.name = 'SlackRefusal';
    this.code = code;
    this.messages = messages;
  }

  body(): Fields {
    return {
      ok: false,
      error: this.code,
      ...(this.messages.length > 0 && { response_metadata: { messages: this.messages } }),
    };
  }
}
