import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ContainerClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { TypedSource } from '../../../src/billing/source/read-location.ts';
import type { SourceKind } from '../../../src/billing/source/source.ts';

/** A server for files that runs as a process, and what a person would type to connect to it. */
export interface StorageServer {
  readonly kind: SourceKind;
  readonly typed: TypedSource;
  /** The same with credentials that don't work (any longer). */
  readonly revoked: TypedSource;
  put(key: string, bytes: Buffer): Promise<void>;
  delete(key: string): Promise<void>;
  stop(): Promise<void>;
}

const BUCKET = 'exports';
const S3RVER = 'node_modules/s3rver/bin/s3rver.js';
const AZURITE = 'node_modules/azurite/dist/src/blob/main.js';
/** Both are the ones that the servers come with. */
const S3_KEY = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const AZURE_ACCOUNT = 'devstoreaccount1';
const AZURE_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const DAY_MS = 86_400_000;

/** s3rver, https://github.com/jamhall/s3rver */
export async function startS3(): Promise<StorageServer> {
  const directory = mkdtempSync(path.join(tmpdir(), 's3-'));
  const args = ['-d', directory, '-a', '127.0.0.1', '-p', '0', '--configure-bucket', BUCKET];
  const server = await startServer(S3RVER, args, /listening on 127\.0\.0\.1:(\d+)/);
  const endpoint = `http://127.0.0.1:${server.port}`;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: S3_KEY });
  const typed = { bucket: BUCKET, prefix: '', endpoint, pathStyle: 'true', ...S3_KEY };
  return {
    ...{ kind: 's3', typed, revoked: { ...typed, accessKeyId: 'REVOKED' } },
    async put(key, bytes) {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes }));
    },
    async delete(key) {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    },
    async stop() {
      client.destroy();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Azurite, Microsoft's own. */
export async function startAzurite(): Promise<StorageServer> {
  const address = ['--blobHost', '127.0.0.1', '--blobPort', '0'];
  const args = [...address, '--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry'];
  const server = await startServer(AZURITE, args, /successfully listens on http:\/\/127\.0\.0\.1:(\d+)/);
  const endpoint = `http://127.0.0.1:${server.port}/${AZURE_ACCOUNT}`;
  const credential = new StorageSharedKeyCredential(AZURE_ACCOUNT, AZURE_KEY);
  const container = new ContainerClient(`${endpoint}/${BUCKET}`, credential);
  await container.create();
  const sas = generateBlobSASQueryParameters(
    {
      ...{ containerName: BUCKET, permissions: ContainerSASPermissions.parse('rl') },
      expiresOn: new Date(Date.now() + DAY_MS),
    },
    credential,
  ).toString();
  const typed = { endpoint, container: BUCKET, prefix: '', sas };
  return {
    ...{ kind: 'azure', typed, revoked: { ...typed, sas: sas.replace(/sig=[^&]*/, 'sig=cmV2b2tlZA%3D%3D') } },
    async put(key, bytes) {
      await container.getBlockBlobClient(key).upload(bytes, bytes.length);
    },
    async delete(key) {
      await container.getBlobClient(key).delete();
    },
    stop: () => server.stop(),
  };
}

async function startServer(file: string, args: readonly string[], listening: RegExp) {
  const server: ChildProcess = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(server, 'exit');
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk) => {
        said = `${said}${chunk}`.slice(-10_000);
        const [, found] = listening.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
    }
    server.once('exit', () => reject(new Error(`${file} ended: ${said}`)));
  });
  return {
    port,
    async stop() {
      server.kill('SIGKILL');
      await exited;
    },
  };
}
