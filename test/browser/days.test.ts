import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { DAYS } from '../screenshots/days.ts';
import { type LocalModeProcess, startLocalMode } from '../support/local-mode.ts';
import { inBrowser, type Person } from './support.ts';

const LIMIT_MS = 240_000;

/** The pictures of these days are in docs/screenshots/days, taken by `npm run screenshots`. */
inBrowser('a day with the sample data', (at) => {
  let local: LocalModeProcess;

  beforeAll(async () => {
    local = await startLocalMode();
    await local.says('The sample data is ready');
  }, LIMIT_MS);
  afterAll(async () => {
    await local?.stop();
  }, LIMIT_MS);

  describe.each(DAYS)('of $who', ({ as, steps }) => {
    let person: Person;
    beforeAll(async () => {
      person = await at(local.url, as);
    });
    afterAll(async () => {
      await person?.page.close();
    });

    it.each(steps)('$does', async ({ run }) => {
      await run(person);
    });
  });
});
