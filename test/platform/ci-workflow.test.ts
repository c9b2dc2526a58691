import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface CiJob {
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly { readonly run?: string }[];
}

const { jobs }: { jobs: Readonly<Record<string, CiJob>> } = parse(readFileSync('.github/workflows/ci.yml', 'utf8'));
const { engines, scripts }: { engines: { node: string }; scripts: Record<string, string> } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);

it('CI starts with the oldest Node that package.json allows', () => {
  const versions = Object.values(jobs).flatMap(({ strategy }) => (strategy ? [strategy.matrix.node] : []));
  expect(versions).toEqual([
    [engines.node.replace('>=', ''), '22', '24'],
    [engines.node.replace('>=', ''), '22', '24'],
  ]);
});

it('CI runs only commands that exist', () => {
  const onNode = /^\.ci\/on-node \S+ matrix\.node \S+ /;
  const steps = Object.values(jobs).flatMap((job) => job.steps.flatMap(({ run }) => run ?? []));
  const runs = steps.map((run) => run.replace(onNode, ''));
  expect(steps.some((run) => onNode.test(run) && run.endsWith('.ci/run'))).toBe(true);
  const scriptsRun = runs.flatMap((run) => /^npm run (\S+)/.exec(run)?.[1] ?? []);
  expect(scriptsRun).toEqual(['smoke']);
  expect(scriptsRun.filter((name) => !(name in scripts))).toEqual([]);
  expect([existsSync('.ci/on-node'), existsSync('.ci/run')]).toEqual([true, true]);
  expect([existsSync('Dockerfile'), existsSync('compose.yaml')]).toEqual([true, true]);
});
