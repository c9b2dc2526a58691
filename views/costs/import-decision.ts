import { cancelReplacement, confirmReplacement, undoReplacement } from '../../src/services/costs/replacement-decide.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget } from '../kit/action-target.ts';
import { CANCEL, CONFIRM, UNDO } from './import-report.ts';

/** The buttons in an import's messages: whether to carry out a replacement, and whether to undo it. */
export function registerImportDecisions(app: SlackApp, deps: Deps): void {
  onAction(app, CONFIRM, async (request, action) => {
    const { account: accountId, import: importId } = readTarget(action.value);
    const { fileName } = await confirmReplacement(contextOf(deps, request), { accountId, importId });
    // the report follows as a separate message
    const text = `${mention(request.userId)} replaced costs with ${escapeMrkdwn(fileName)}.`;
    await request.respond({ text, replace: true, public: true });
  });
  onAction(app, CANCEL, async (request, action) => {
    const { account: accountId, import: importId } = readTarget(action.value);
    await cancelReplacement(contextOf(deps, request), { accountId, importId });
    const text = `${mention(request.userId)} kept the current costs. Nothing was replaced.`;
    await request.respond({ text, replace: true, public: true });
  });
  onAction(app, UNDO, async (request, action) => {
    const { account: accountId, import: importId } = readTarget(action.value);
    const { fileName } = await undoReplacement(contextOf(deps, request), { accountId, importId });
    const text = `${mention(request.userId)} undid the replacement with ${escapeMrkdwn(fileName)}. The earlier costs count again.`;
    await request.respond({ text, replace: true, public: true });
  });
}
