import { webApi } from '@slack/bolt';
import { refusalOf } from '../web-api/api-errors.ts';
import { OVER } from './oauth.ts';

/** A client that reports when Slack rejects a call because the app is no longer installed. */
export class WatchedClient extends webApi.WebClient {
  private readonly rejected: () => void;

  /** @param rejected is called before the failed call throws, and must not throw */
  constructor(token: string, options: webApi.WebClientOptions, rejected: () => void) {
    super(token, options);
    this.rejected = rejected;
  }

  override async apiCall(method: string, options?: Record<string, unknown>): Promise<webApi.WebAPICallResult> {
    try {
      return await super.apiCall(method, options);
    } catch (error) {
      if (OVER.includes(refusalOf(error) ?? '')) this.rejected();
      throw error;
    }
  }
}
