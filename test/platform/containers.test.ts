import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { SETTING_NAMES } from '../../src/platform/settings.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8');
/** Each stage's instructions, by line. */
const stages = dockerfile
  .replaceAll('\\\n', '')
  .split(/^(?=FROM )/m)
  .slice(1)
  .map((stage) => stage.split('\n').filter((line) => /^[A-Z]/.test(line)));
const last = stages.at(-1) ?? [];
const argumentsOf = (name: string, lines = last) =>
  lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim());

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly stop_grace_period: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

describe('the image', () => {
  it('has a valid Dockerfile', () => {
    expect(validate(dockerfile)).toEqual([]);
  });

  it('contains the build and the production packages, and nothing else', () => {
    expect(argumentsOf('COPY')).toEqual([
      'package.json ./',
      '--from=dependencies /app/node_modules ./node_modules',
      '--from=build /app/dist ./dist',
    ]);
    expect(argumentsOf('RUN', stages[1])).toEqual([expect.stringMatching(/^npm ci --omit=dev /)]);
    expect(argumentsOf('RUN')).toEqual([]);
  });

  it('is built from files that exist and that .dockerignore includes', () => {
    const ignore = readFileSync('.dockerignore', 'utf8').split('\n');
    const copied = stages
      .flatMap((stage) => argumentsOf('COPY', stage))
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1));
    expect(copied.filter((file) => !existsSync(file) || !ignore.includes(`!${file}`))).toEqual([]);
    expect(ignore.filter((line) => line.startsWith('!') && !copied.includes(line.slice(1)))).toEqual([]);
  });

  it('runs one process, not as root, that receives SIGTERM and the health check', () => {
    expect(argumentsOf('USER')).toEqual(['node']);
    expect(argumentsOf('CMD')).toEqual(['["node", "--enable-source-maps", "dist/src/bin/server.js"]']);
    expect(argumentsOf('HEALTHCHECK').join()).toMatch(/ CMD \["node", .*\/readyz/);
    expect(last.filter((line) => line.startsWith('ENTRYPOINT'))).toEqual([]);
  });

  it('has one version of Node in all stages', () => {
    const versions = stages.map(([from = '']) => Number(/^FROM node:(\d+)-/.exec(from)?.[1]));
    expect(new Set(versions)).toEqual(new Set([24]));
  });
});

describe('compose.yaml', () => {
  const { services }: { services: Readonly<Record<string, Service>> } = parse(readFileSync('compose.yaml', 'utf8'), {
    merge: true,
  });

  it('runs the bot and the API from one image, once MongoDB is a replica set with a primary', () => {
    const { bot, api, mongodb } = services;
    expect([bot?.image, api?.image]).toEqual(['billing-groups', 'billing-groups']);
    for (const service of [bot, api])
      expect(service?.depends_on).toEqual({ mongodb: { condition: 'service_healthy' } });
    expect(bot?.command).toBeUndefined();
    expect(api?.command?.at(-1)).toBe('dist/src/bin/api.js');
    expect(mongodb?.command).toContain('--replSet');
    expect(mongodb?.healthcheck?.test.at(-1)).toMatch(/rs\.initiate.*isWritablePrimary/);
  });

  it('uses valid settings, exposes nothing beyond this machine, and allows a shutdown its time', () => {
    for (const { environment = {}, ports = [], stop_grace_period: grace } of Object.values(services)) {
      expect(Object.keys(environment).filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
      expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
      expect(Number.parseInt(grace, 10)).toBeGreaterThan(25);
    }
  });

  it('lets the product write only temporary files', () => {
    expect([services.bot?.read_only, services.api?.read_only]).toEqual([true, true]);
  });

  it('runs commands that the build has', () => {
    const text = `${readFileSync('compose.yaml', 'utf8')}${dockerfile}`;
    const built = [...text.matchAll(/dist\/(src\/bin\/\w+)\.js/g)].map(([, source]) => `${source}.ts`);
    expect(built.length).toBeGreaterThan(3);
    expect(built.filter((source) => !existsSync(source))).toEqual([]);
  });
});
