import { backTest } from '../support/insight/back-test.ts';
import { sampleBackTest } from '../support/insight/sample-back-test.ts';
import { say } from './measure.ts';

const SEEDS = 100;

/** How far forecasts at the middle of generated months, and of the sample’s, are from their totals, beside two simple guesses. */
export function benchForecast(): void {
  const { series, byShape, ...all } = backTest(SEEDS);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  say(
    `Forecast, ${series} generated months: median error ${percent(all.error)} (target: at most 8 %), in the range ${percent(all.inBand)} (target: 75 to 90 %); pace so far ${percent(all.paceError)}, last month ${percent(all.lastMonthError)}`,
  );
  for (const [shape, { error, inBand }] of byShape)
    say(`  ${shape}: ${percent(error)}, in the range ${percent(inBand)}`);
  const sample = sampleBackTest();
  say(
    `Forecast, ${sample.series} months of the sample data: median error ${percent(sample.error)} (target: at most 8 %), in the range ${percent(sample.inBand)} (target: 75 to 90 %)`,
  );
}
