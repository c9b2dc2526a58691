import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Child, nextLine, startChild } from '../support/children.ts';

/** A database server that can be killed as in a power failure, and restarted with the same data and address. */
export class MortalDatabase {
  uri = '';
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'chaos-database-'));
  private child: Child | undefined;

  async start(): Promise<void> {
    const { MONGODB_URI: _, ...env } = process.env;
    this.child = startChild('test/children/database.ts', [path.join(this.folder, 'data')], env);
    this.uri = await nextLine(this.child);
  }

  /** Kills the server and the process that started it, without any cleanup. */
  async kill(): Promise<void> {
    const server = serversOf(this.folder);
    for (const id of server) process.kill(id, 'SIGKILL');
    this.child?.process.kill('SIGKILL');
    await this.child?.ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The processes whose command line names the folder, which was created for this server only. */
function serversOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLineOf(name).includes(folder))
    .map(Number);
}

function commandLineOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
