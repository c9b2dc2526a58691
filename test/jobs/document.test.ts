import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { allJobs } from '../../jobs/index.ts';
import { jobsTable } from '../../jobs/kit/jobs-table.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { inOneWorkspace } from '../../src/slack/web-api/messengers.ts';

const DOCUMENT = readFileSync(new URL('../../docs/jobs.md', import.meta.url), 'utf8');
const TESTS = readFileSync(new URL('./scheduler.test.ts', import.meta.url), 'utf8');

it('docs/jobs.md has the current table of all jobs', () => {
  const jobs = allJobs(inOneWorkspace(new Messenger(new WebClient())), {
    vatOffice: { check: async () => 'unavailable' },
    retentionDays: 90,
    sources: { open: () => Promise.reject(new Error('not read')), box: undefined, hasFolder: false, isShared: false },
  });
  expect(DOCUMENT).toContain(jobsTable(jobs));
});

it('each weak point of the scheduler in docs/jobs.md has a test with the name given there', () => {
  const names = [...DOCUMENT.matchAll(/^\| .+ \| .+ \| “(.+)” \|$/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThanOrEqual(8);
  expect(names.filter((name) => !TESTS.includes(`it('${name}'`))).toEqual([]);
});
