import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

/** The variables of a CommonJS module, for packages bundled into an ES module. */
const AROUND = `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url);
const __filename = new URL(import.meta.url).pathname;
const __dirname = __filename.slice(0, __filename.lastIndexOf('/'));`;

/**
 * Bundles a TypeScript file with all its imports, since a process that is killed every few seconds has to start faster.
 *
 * @returns the file to start, and a function that deletes it
 */
export async function bundleOf(file: string): Promise<{ readonly file: string; remove(): void }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bundle-'));
  const outfile = path.join(folder, 'main.mjs');
  await build({
    ...{ entryPoints: [file], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
    banner: { js: AROUND },
  });
  // read at run time from the module's folder
  for (const name of readdirSync('src/billing', { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.json')) cpSync(path.join('src/billing', name), path.join(folder, path.basename(name)));
  }
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  return { file: outfile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
