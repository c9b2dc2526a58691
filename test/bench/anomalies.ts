import { anomalyTest } from '../support/insight/anomaly-test.ts';
import { say } from './measure.ts';

const SEEDS = 30;

/** How many injected faults are found in generated projects, and how many false alarms there are. */
export function benchAnomalies(): void {
  const { series, byFault, byShape, ...all } = anomalyTest(SEEDS);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  say(
    `Anomalies, ${series} generated projects: ${percent(all.found)} of faults found within two complete days (target: at least 90 %), ${percent(all.once)} reported once; ${all.falseAlarms.toFixed(2)} false alarms per project and quarter (target: at most 1)`,
  );
  for (const [kind, { found, once }] of byFault)
    say(`  ${kind}: ${percent(found)} found, ${percent(once)} reported once`);
  for (const [shape, { found, falseAlarms }] of byShape)
    say(`  ${shape}: ${percent(found)} found, ${falseAlarms.toFixed(2)} false alarms`);
}
