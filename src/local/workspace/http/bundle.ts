import { fileURLToPath } from 'node:url';

export interface Bundle {
  script: string;
  style: string;
}

const PAGE_FOLDER = fileURLToPath(new URL('../../page/', import.meta.url));

let made: Promise<Bundle> | undefined;

/** The page's script and style sheet, built once per process on first request. */
export function pageBundle(): Promise<Bundle> {
  made ??= build();
  // the next request retries a failed build
  made.catch(() => {
    made = undefined;
  });
  return made;
}

async function build(): Promise<Bundle> {
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    entryPoints: [`${PAGE_FOLDER}index.tsx`],
    outdir: 'page',
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // the page has its own configuration, with the browser's types
    tsconfig: `${PAGE_FOLDER}tsconfig.json`,
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  const text = (ending: string) => result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}
