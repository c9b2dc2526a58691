import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const INSTALL = fileURLToPath(new URL('../../../src/local/mongod/postgres/install.sh', import.meta.url));

describe('the installer', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'install-test-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('says in one sentence that it needs root', () => {
    expect(install('1000', path.join(folder, 'engine'))).toEqual({
      status: 1,
      stderr: 'Installing the database engine needs root (it makes device nodes and runs chroot).\n',
    });
  });

  it('says in one sentence that it needs apt-get', () => {
    expect(install('0', path.join(folder, 'engine'))).toEqual({
      status: 1,
      stderr: "Installing the database engine needs Debian's apt-get.\n",
    });
  });

  it('does nothing when the engine is complete', () => {
    const engine = path.join(folder, 'complete');
    mkdirSync(engine);
    writeFileSync(path.join(engine, '.complete'), '');
    expect(install('1000', engine)).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(folder)).not.toContain('complete.lock');
  });

  /** Runs it as that user, on a machine with nothing but a shell. */
  function install(user: string, engine: string): { status: number | null; stderr: string } {
    const tools = mkdtempSync(path.join(folder, 'tools-'));
    writeFileSync(path.join(tools, 'id'), `#!/bin/sh\necho ${user}\n`, { mode: 0o755 });
    symlinkSync('/bin/bash', path.join(tools, 'bash'));
    const { status, stderr } = spawnSync('/bin/bash', [INSTALL, engine], { env: { PATH: tools }, encoding: 'utf8' });
    return { status, stderr };
  }
});
