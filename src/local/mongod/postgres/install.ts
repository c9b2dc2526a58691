/** Installs the engine if it is missing, and reports progress. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isInstalled } from '../engine.ts';
import { SecondsCounter } from '../seconds-counter.ts';

export type OnProgress = (line: string) => void;

const SCRIPT = fileURLToPath(new URL('./install.sh', import.meta.url));

/**
 * Installs the engine into the folder, which takes about a minute, or returns immediately if it is there. If two
 * processes ask at the same time, the second waits for the first.
 * @param onProgress called with a line for each phase
 * @throws {Error} one sentence that says why it can't be installed
 */
export async function ensureEngine(root: string, onProgress: OnProgress): Promise<void> {
  if (isInstalled(root)) return;
  const script = spawn('bash', [SCRIPT, root], { stdio: ['ignore', 'pipe', 'pipe'] });
  const counter = new SecondsCounter(process.stderr);
  let lastWords = '';
  createInterface(script.stdout).on('line', (line) => counter.around(() => onProgress(line)));
  createInterface(script.stderr).on('line', (line) => {
    if (line.trim() !== '') lastWords = line.trim();
  });
  try {
    const [code] = await once(script, 'close');
    if (code !== 0) throw new Error(lastWords || `Installing the database engine failed with code ${code}.`);
    counter.around(() => onProgress(`the database engine is ready after ${counter.seconds()} s`));
  } finally {
    counter.stop();
  }
}
