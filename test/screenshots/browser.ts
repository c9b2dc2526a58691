import { existsSync } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const WINDOW = { width: 1280, height: 900 } as const;

/** Debian's Chromium, without a window. @throws {Error} that says how to get it where there is none */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!executablePath)
    throw new Error('There is no Chromium here: apt-get install chromium, or set CHROMIUM to its path.');
  return chromium.launch({ executablePath, args: ARGS });
}

/** A person at the local workspace's page. */
export class Person {
  readonly page: Page;
  private readonly url: string;
  private readonly id: string;

  private constructor(page: Page, url: string, id: string) {
    this.page = page;
    this.url = url;
    this.id = id;
  }

  static async at(browser: Browser, url: string, id: string): Promise<Person> {
    const page = await browser.newPage({ viewport: WINDOW, deviceScaleFactor: 1.5 });
    return new Person(page, url, id);
  }

  /** Goes to a channel. */
  async goTo(channel: string): Promise<void> {
    await this.page.goto(`${this.url}/?as=${this.id}&in=${channel}`);
    await this.composer().waitFor();
  }

  async goHome(): Promise<void> {
    await this.page.goto(`${this.url}/?as=${this.id}&in=home`);
  }

  async type(line: string): Promise<void> {
    await this.composer().fill(line);
    await this.composer().press('Escape');
    await this.composer().press('Enter');
  }

  /** The modal on top, once it says this. */
  async modal(words: string): Promise<Locator> {
    const dialog = this.page.getByRole('dialog').filter({ hasText: words }).last();
    await dialog.waitFor();
    return dialog;
  }

  /** Clicks a button of the modal on top, else of the page. */
  async click(name: string | RegExp): Promise<void> {
    const dialog = this.page.getByRole('dialog').last();
    const place = (await dialog.count()) > 0 ? dialog : this.page;
    await place.getByRole('button', { name }).first().click();
  }

  async closeModals(): Promise<void> {
    while ((await this.page.getByRole('dialog').count()) > 0) {
      await this.page.keyboard.press('Escape');
      await this.page.waitForTimeout(150);
    }
  }

  private composer(): Locator {
    return this.page.getByLabel(/^Message #/);
  }
}
