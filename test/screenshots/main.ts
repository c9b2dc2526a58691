/** Takes the pictures for docs/screenshots: `npm run screenshots`, optionally with the names of scenes, or `days`. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { startLocalMode } from '../support/local-mode.ts';
import { Person, type Scene, startBrowser } from './browser.ts';
import { DAYS, type Day } from './days.ts';
import { SCENES } from './scenes.ts';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
/** The name under which the pictures of people's days are taken: all together, since they build on one another. */
const ALL_DAYS = 'days';
const SAMPLE_LIMIT_MS = 600_000;
const SETTLE_MS = 300;
const MOST_TRIES = 20;
/** A message that starts higher is shown from its start, in pixels from the top. */
const HIGHEST_PX = 300;
const [OWNER, FINN] = ['U0OLIVIA', 'U0FINN'];
const FINANCE = 'C0FINANCE';

/** The workspace's own scenes, for trying out the product. */
const WORKSPACE: readonly Scene[] = [
  { name: 'workspace-invoice', as: FINN, run: showInvoice },
  {
    name: 'workspace-faults',
    as: OWNER,
    async run(person) {
      await showInvoice(person);
      await person.click(/^Clock and faults/);
      const panel = person.page.getByRole('complementary', { name: 'Clock and faults' });
      await panel.getByLabel('Which call').selectOption('chat.postMessage');
      await panel.getByLabel('What happens').selectOption('429');
      await panel.getByRole('button', { name: 'Add fault' }).click();
      await panel.getByRole('listitem').first().waitFor();
    },
  },
  { name: 'workspace-dark', as: FINN, look: { colorScheme: 'dark' }, run: showInvoice },
];

await main(process.argv.slice(2));

async function main(wanted: readonly string[]): Promise<void> {
  mkdirSync(path.join(FOLDER, ALL_DAYS), { recursive: true });
  const all = [...WORKSPACE, ...SCENES];
  const scenes = all.filter((scene) => wanted.length === 0 || wanted.includes(scene.name));
  const days = wanted.length === 0 || wanted.includes(ALL_DAYS) ? DAYS : [];
  if (scenes.length + days.length === 0)
    throw new Error(`There are these scenes: ${all.map((scene) => scene.name).join(', ')}, ${ALL_DAYS}`);
  const browser = await startBrowser();
  const local = await startLocalMode();
  try {
    await local.says('The sample data is ready', SAMPLE_LIMIT_MS);
    for (const scene of scenes) await take(browser, local.url, scene);
    for (const day of days) await takeDay(browser, local.url, day);
  } finally {
    await browser.close();
    await local.stop();
  }
}

async function take(browser: Browser, url: string, { name, as, look, run }: Scene): Promise<void> {
  const person = await Person.at(browser, url, as, look);
  const shown = (await run(person)) ?? person.page;
  const file = path.join(FOLDER, `${name}.png`);
  await shown.screenshot({ path: file, animations: 'disabled' });
  process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
  // resets what the scene left open or changed
  await fetch(`${url}/-/bench/clear-faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: '{}',
  });
  await person.closeModals();
  await person.page.close();
}

async function takeDay(browser: Browser, url: string, { as, steps }: Day): Promise<void> {
  const person = await Person.at(browser, url, as);
  for (const { picture, run } of steps) {
    const shown = (await run(person)) ?? person.page;
    const file = path.join(FOLDER, ALL_DAYS, `${picture}.png`);
    await shown.screenshot({ path: file, animations: 'disabled' });
    process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
  }
  await person.page.close();
}

async function showInvoice(person: Person): Promise<void> {
  await person.goTo(FINANCE);
  const button = person.page.getByRole('button', { name: 'View invoice' });
  const message = person.page.getByRole('article').filter({ has: button }).filter({ hasText: 'Production' }).last();
  await message.getByRole('columnheader').first().waitFor();
  // the page follows the last message while previews make the list longer: retry until it stays in place
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    await message.evaluate((element) => element.scrollIntoView({ block: 'start' }));
    await person.page.waitForTimeout(SETTLE_MS);
    const { y } = (await message.boundingBox()) ?? { y: -1 };
    if (y >= 0 && y < HIGHEST_PX) return;
  }
  throw new Error('The message does not stay in sight');
}
