import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const FOLDERS = ['src', 'commands', 'views', 'jobs', 'test', 'docs'];
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesIn(FOLDERS, /\.md$/)].filter((page) =>
  existsSync(page),
);

function filesIn(folders: readonly string[], name: RegExp): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => name.test(file))
      .map((file) => path.posix.join(folder, file)),
  );
}

/** The page's text without its code blocks. */
function textOf(page: string): string {
  return readFileSync(page, 'utf8').replace(/^```.*?^```$/gms, '');
}

function headingsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
}

/** The anchor that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** Whether a page's link leads to a file, and to one of its headings if it names one. */
function isThere(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
  if (!existsSync(target)) return false;
  return anchor === undefined || headingsOf(target).map(anchorOf).includes(anchor);
}

describe('the documentation', () => {
  it.each(PAGES)('%s: every link leads to a file and heading that exist', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const own = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(own.filter((link) => !isThere(page, link))).toEqual([]);
  });

  it.each(PAGES)('%s: every path between backticks exists', (page) => {
    const paths = [...textOf(page).matchAll(/`((?:src|commands|views|jobs|test|docs)\/[\w./-]*)`/g)].map(
      ([, file = '']) => file,
    );
    // NAME stands for any name
    expect(paths.filter((file) => !file.includes('NAME') && !existsSync(file))).toEqual([]);
  });

  it.each(PAGES)('%s: every npm command exists', (page) => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const named = [...readFileSync(page, 'utf8').matchAll(/npm run ([a-z:]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('comments cite sections of docs/domain.md that exist', () => {
    const headings = headingsOf('docs/domain.md');
    const citations = filesIn(FOLDERS, /\.tsx?$/)
      // this file says how a citation looks
      .filter((file) => file !== 'test/docs.test.ts')
      .flatMap((file) => {
        const text = readFileSync(file, 'utf8').replace(/\s+(?:\*|\/\/) /g, ' ');
        return [...text.matchAll(/\b([a-z-]+\.md), (Money \d+|[A-Z][a-z]+(?: [a-z]+)*)/g)].map(
          ([, page = '', section = '']) => ({ file, page, section }),
        );
      });
    expect(citations.length).toBeGreaterThan(30);
    // a sentence can continue after the section's name
    const isHeading = (section: string) =>
      headings.some((heading) =>
        /\d/.test(section) ? heading.startsWith(`${section}:`) : `${section} `.startsWith(`${heading} `),
      );
    expect(citations.filter(({ page, section }) => page !== 'domain.md' || !isHeading(section))).toEqual([]);
  });
});
