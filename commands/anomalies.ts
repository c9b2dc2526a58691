import type { Deps } from '../src/slack/requests/caller.ts';
import { openAnomalies } from '../views/anomalies/anomaly-list.ts';
import { accountOfCaller } from '../views/kit/account-modal.ts';
import type { Subcommand } from './router.ts';

export function anomalies(deps: Deps): Subcommand {
  return {
    name: 'anomalies',
    summary: 'Show unusual costs and missing exports, with what was expected.',
    usage: '',
    examples: ['anomalies'],
    topic: 'Costs',
    run: (context) => openAnomalies(context, accountOfCaller(deps, context)),
  };
}
