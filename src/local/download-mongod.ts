/** The mongod that mongodb-memory-server keeps in its cache, or downloads. */
import { connect } from 'node:net';
import { DryMongoBinary, MongoBinary } from 'mongodb-memory-server';
import { MongoBinaryDownloadUrl } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js';

/** How long the host of the download may take to accept a connection, in milliseconds. */
const CONNECT_LIMIT_MS = 2000;
/** The proxy settings that mongodb-memory-server's download uses, in its order. */
const PROXY_SETTINGS = [
  'yarn_https-proxy',
  'yarn_proxy',
  'npm_config_https-proxy',
  'npm_config_proxy',
  'https_proxy',
  'http_proxy',
  'HTTPS_PROXY',
  'HTTP_PROXY',
];
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * The cached executable, otherwise a download. The download isn't started if its host doesn't answer within two
 * seconds. mongodb-memory-server reads its own settings (MONGOMS_…) from this process's environment.
 * @throws {Error} says why there is none
 */
export async function downloadedMongod(env: NodeJS.ProcessEnv, onProgress: (line: string) => void): Promise<string> {
  const options = await DryMongoBinary.generateOptions();
  const cached = await DryMongoBinary.locateBinary(options);
  if (cached !== undefined) return cached;
  const url = await new MongoBinaryDownloadUrl(options).getDownloadUrl();
  const proxy = PROXY_SETTINGS.map((name) => env[name]).find((value) => value);
  await assertReachable(new URL(proxy ?? url));
  onProgress(`downloading MongoDB ${options.version} from ${new URL(url).host}`);
  return MongoBinary.getPath();
}

/** @throws {Error} when no connection can be made in time */
export async function assertReachable({ hostname, port, protocol }: URL, limitMs = CONNECT_LIMIT_MS): Promise<void> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({ host, port: Number(port) || (DEFAULT_PORTS[protocol] ?? 443) });
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${host} didn’t answer within ${limitMs / 1000} s`)), limitMs);
      socket.once('connect', resolve);
      socket.once('error', () => reject(new Error(`${host} can’t be reached`)));
      socket.once('close', () => clearTimeout(timer));
    });
  } finally {
    socket.destroy();
  }
}
