import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { silentLogger } from '../../src/platform/logger.ts';
import { metricsListener } from '../../src/platform/metrics.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const { groups }: { groups: readonly { rules: readonly Rule[] }[] } = parse(
  readFileSync('docs/operations/alerts.yaml', 'utf8'),
);
const rules = groups.flatMap(({ rules: some }) => some);
const dashboard: { panels: readonly { title: string; targets: readonly { expr: string }[] }[] } = JSON.parse(
  readFileSync('docs/operations/dashboard.json', 'utf8'),
);
const namesIn = (text: string) => [...text.matchAll(/\bbilling_\w+/g)].map(([name]) => name);

/** The names of all metrics, as `/metrics` describes them. */
async function metricNames(): Promise<Set<string>> {
  const measures = {
    jobCounts: () => new Map(),
    ...{ jobRuns: async () => [], news: async () => [], failingItems: async () => [] },
  };
  const server = createServer(metricsListener({ measures, log: silentLogger(), token: undefined }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  const text = await answer.text();
  await new Promise((resolve) => server.close(resolve));
  return new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name));
}

it('every metric used by the alerts and the dashboard exists', async () => {
  const exprs = [
    ...rules.map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
  const named = exprs.flatMap(namesIn);
  const known = await metricNames();
  expect(named.length).toBeGreaterThan(15);
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
});

it('every metric is on the dashboard, except the text of the last error', async () => {
  const shown = new Set(dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr))));
  expect([...(await metricNames())].filter((name) => !shown.has(name))).toEqual(['billing_job_last_error_info']);
});

it('every alert has a summary, a delay, and a section that says what to do', () => {
  const chapters = readFileSync('docs/operations.md', 'utf8').split(/^## /m);
  const alerts = chapters.find((chapter) => chapter.startsWith('Alerts\n')) ?? '';
  const sections = alerts.split(/^### /m).slice(1);
  for (const { alert, annotations, for: delay } of rules) {
    expect(annotations.summary).toBeTruthy();
    expect(delay).toMatch(/^\d+[mh]$/);
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    expect(sections.find((section) => section.startsWith(`${alert}\n`))?.length).toBeGreaterThan(100);
  }
  expect(sections.map((section) => section.split('\n')[0])).toEqual(rules.map(({ alert }) => alert));
});
