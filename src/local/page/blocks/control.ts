import type { Entry } from '../../workspace/types.ts';

/** What an element's control gets from the element around it. */
export interface Control {
  actionId: string;
  /** What was entered, if anything was. */
  entry: Entry | undefined;
  /** Attributes for the control itself. */
  attributes: { id?: string; disabled: boolean; 'aria-describedby'?: string; 'aria-invalid'?: 'true' };
  /** Takes a new value, and notifies the app where Slack would. */
  change: (entry: Entry) => void;
  /** Sends what was clicked or chosen to the app, after confirmation if the element asks for it. */
  send: (entry?: Entry) => void;
  /** Waiting for an answer. */
  waiting: boolean;
}
