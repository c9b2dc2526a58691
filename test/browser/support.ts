import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { findChromium, type Look, NO_CHROMIUM, Person, startBrowser } from '../screenshots/browser.ts';

export type { Person } from '../screenshots/browser.ts';

/** People on the page, each in a separate window. */
export type At = (url: string, id: string, look?: Look) => Promise<Person>;

/** Tests in a real browser. Without one they are skipped, with a line that says how to get it. */
export function inBrowser(name: string, tests: (at: At) => void): void {
  if (findChromium() === undefined) {
    console.error(`Skipped: ${name}. ${NO_CHROMIUM}`);
    // every test file must have one
    describe.skip(`${name} (no Chromium)`, () => tests(nobody));
    return;
  }
  describe(name, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(async () => {
      await browser?.close();
    });
    tests(async (url, id, look) => {
      if (!browser) throw new Error('The browser has not started yet');
      return Person.at(browser, url, id, look);
    });
  });
}

const nobody: At = () => Promise.reject(new Error(NO_CHROMIUM));
