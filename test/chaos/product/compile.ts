import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';

const FOLDERS = ['src', 'jobs', 'commands', 'views', 'test/chaos/product'];
const FILES = ['package.json', 'manifest.yml'];
/** Module names after the words that import them. */
const IMPORTED = /((?:from|import\(|import)\s*["']\.[^"']+)\.ts(["'])/g;

/**
 * Compiles the product into a folder, as JavaScript file by file: processes that are restarted every few seconds
 * shouldn't spend their time compiling, and the code stays the same even if the sources change meanwhile.
 */
export function compile(folder: string): void {
  for (const name of FOLDERS.flatMap(filesIn)) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    if (!name.endsWith('.ts')) copyFileSync(name, target);
    else writeFileSync(target.replace(/\.ts$/, '.js'), compiled(readFileSync(name, 'utf8')));
  }
  for (const name of FILES) copyFileSync(name, path.join(folder, name));
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
}

function filesIn(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  return all.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
}

function compiled(text: string): string {
  const { code } = transformSync(text, { loader: 'ts', format: 'esm', target: 'node20' });
  return code.replace(IMPORTED, '$1.js$2');
}
