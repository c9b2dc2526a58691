import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
/** What to do without a browser. */
export const NO_CHROMIUM = 'There is no Chromium here: apt-get install chromium, or set CHROMIUM to its path.';
const WINDOW = { width: 1280, height: 900 } as const;

/** The path of Chromium on this machine, if it is installed. */
export function findChromium(): string | undefined {
  return process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
}

/** Debian's Chromium, without a window. @throws {Error} that says how to get it if it isn't installed */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath, args: ARGS });
}

/** A person's browser settings. */
export type Look = Pick<BrowserContextOptions, 'colorScheme' | 'viewport'>;

/** A scene to show in the docs. */
export interface Scene {
  /** The file name without its extension. */
  readonly name: string;
  /** The Slack ID of the person whose view is shown. */
  readonly as: string;
  readonly look?: Look;
  /** Goes there. @returns what to show; undefined for the whole page */
  run(person: Person): Promise<Locator | undefined> | Promise<void>;
}

/** A person on the local workspace's page. */
export class Person {
  readonly page: Page;
  private readonly url: string;
  private readonly id: string;

  private constructor(page: Page, url: string, id: string) {
    this.page = page;
    this.url = url;
    this.id = id;
  }

  /** In a separate window, where nothing has been read. */
  static async at(browser: Browser, url: string, id: string, look: Look = {}): Promise<Person> {
    const page = await browser.newPage({ viewport: WINDOW, deviceScaleFactor: 1.5, ...look });
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

  /** Goes to the first screen. */
  async goToWelcome(): Promise<void> {
    await this.page.goto(`${this.url}/?as=${this.id}`);
  }

  /** Whether a channel is open. */
  async canType(): Promise<boolean> {
    return (await this.composer().count()) > 0;
  }

  /** Goes to their messages with the app. */
  async goToMessages(): Promise<void> {
    await this.page.goto(`${this.url}/?as=${this.id}`);
    await this.page.getByRole('button', { name: /^Messages/ }).click();
    await this.composer().waitFor();
  }

  async type(line: string): Promise<void> {
    await this.composer().fill(line);
    await this.composer().press('Escape');
    await this.composer().press('Enter');
  }

  /** Drops a file in the open channel. */
  async drop(name: string, buffer: Buffer): Promise<void> {
    await this.page.locator('input[type=file]').last().setInputFiles({ name, mimeType: 'text/csv', buffer });
  }

  /** The top modal, once it contains these words. */
  async modal(words: string): Promise<Locator> {
    const dialog = this.page.getByRole('dialog').filter({ hasText: words }).last();
    await dialog.waitFor();
    return dialog;
  }

  /** Clicks a button in the top modal, or else on the page. */
  async click(name: string | RegExp): Promise<void> {
    const dialog = this.page.getByRole('dialog').last();
    const place = (await dialog.count()) > 0 ? dialog : this.page;
    await place.getByRole('button', { name }).first().click();
  }

  /** The last message with these words, once it is there. */
  async message(words: string | RegExp): Promise<Locator> {
    const message = this.page.getByRole('article').filter({ hasText: words }).last();
    await message.waitFor();
    return message;
  }

  /** Selects an option in the top modal: types, and takes the option with these words. */
  async pick(label: string | RegExp, typed: string, option: string | RegExp = typed): Promise<void> {
    const field = this.page.getByRole('dialog').last().getByLabel(label);
    await field.click();
    await field.fill(typed);
    await this.page.getByRole('option', { name: option }).first().click();
    // with multiple selection, the list stays open
    if ((await field.getAttribute('aria-expanded')) === 'true') await field.press('Escape');
  }

  async closeModals(): Promise<void> {
    while ((await this.page.getByRole('dialog').count()) > 0) {
      await this.page.keyboard.press('Escape');
      await this.page.waitForTimeout(150);
    }
  }

  private composer(): Locator {
    return this.page.getByLabel(/^Message /);
  }
}
