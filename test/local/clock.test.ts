import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LocalClock } from '../../src/local/clock.ts';

const NOW = Date.parse('2026-10-15T12:00:00Z');
let file: string;

beforeEach(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'clock-')), 'clock.json');
});

const made = (machine = NOW) => new LocalClock(file, () => machine);

describe('local mode’s clock', () => {
  it('is the machine’s until it is set, and keeps running', () => {
    let machine = NOW;
    const clock = new LocalClock(file, () => machine);
    expect(clock.now()).toEqual(new Date(NOW));
    clock.moveTo(new Date('2026-11-02T00:00:00Z'));
    machine += 1_500;
    expect(clock.now()).toEqual(new Date('2026-11-02T00:00:01.500Z'));
  });

  it('only moves forward', () => {
    const clock = made();
    clock.moveTo(new Date('2026-11-02T00:00:00Z'));
    for (const earlier of ['2026-11-02T00:00:00Z', '2026-11-01T23:59:59Z', '2026-10-15T12:00:00Z']) {
      expect(() => clock.moveTo(new Date(earlier))).toThrow(RangeError);
    }
    expect(clock.now()).toEqual(new Date('2026-11-02T00:00:00Z'));
  });

  it('keeps its offset after a restart', () => {
    made().moveTo(new Date('2026-11-02T00:00:00Z'));
    expect(made(NOW + 3_600_000).now()).toEqual(new Date('2026-11-02T01:00:00Z'));
  });

  it('catches up when it is behind, and stays ahead when it is ahead', () => {
    const behind = made();
    behind.beginAt(new Date('2026-04-01T00:00:00Z'));
    expect(behind.now()).toEqual(new Date('2026-04-01T00:00:00Z'));
    behind.catchUp();
    expect(behind.now()).toEqual(new Date(NOW));
    behind.moveTo(new Date('2026-12-01T00:00:00Z'));
    behind.catchUp();
    expect(behind.now()).toEqual(new Date('2026-12-01T00:00:00Z'));
  });

  it('returns to the machine’s time after a reset, and when its file was truncated', () => {
    const clock = made();
    clock.moveTo(new Date('2026-12-01T00:00:00Z'));
    clock.forget();
    expect(clock.now()).toEqual(new Date(NOW));
    writeFileSync(file, '{"aheadM');
    expect(made().now()).toEqual(new Date(NOW));
  });
});
