import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** All deployed source, by top-level folder. */
export const ROOTS = ['src', 'commands', 'views', 'jobs'] as const;

/** Source files in these folders, relative to the project, sorted. */
export function sourcesIn(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.posix.join(folder, name)),
    )
    .filter((file) => /\.tsx?$/.test(file))
    .sort();
}

export interface Import {
  /** The file, relative to the project, or a package's name. */
  readonly target: string;
  /** Whether only types are imported, which are gone at run time. */
  readonly isType: boolean;
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\('([^']+)'\)/g;

/** A source file's static and dynamic imports and its reexports. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const resolve = (name: string) =>
    name.startsWith('.') ? path.posix.normalize(path.posix.join(path.posix.dirname(file), name)) : name;
  return [
    ...[...text.matchAll(STATEMENT)].map(([, type, name = '']) => ({
      target: resolve(name),
      isType: type !== undefined,
    })),
    ...[...text.matchAll(DYNAMIC)].map(([, name = '']) => ({ target: resolve(name), isType: false })),
  ];
}
