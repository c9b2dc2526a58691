import type { Entry } from '../../workspace/types.ts';

/** What an element's control is given by the element around it. */
export interface Control {
  actionId: string;
  /** What was entered, if anything was. */
  entry: Entry | undefined;
  /** Attributes for the control itself. */
  attributes: { id?: string; disabled: boolean; 'aria-describedby'?: string; 'aria-invalid'?: 'true' };
  /** Takes a new value, and tells the app where Slack would. */
  change: (entry: Entry) => void;
  /** Tells the app (after asking, if the element wants to be confirmed) what was clicked or chosen. */
  send: (entry?: Entry) => void;
  /** An answer is awaited. */
  waiting: boolean;
}
