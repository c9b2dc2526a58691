import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A value in OTLP/JSON. */
type Value = Readonly<Record<string, unknown>>;
interface Attribute {
  readonly key: string;
  readonly value: Value;
}
interface RawSpan {
  readonly name: string;
  readonly attributes?: readonly Attribute[];
  readonly events?: readonly { readonly name: string }[];
  readonly status?: { readonly code?: number };
}
interface RawMetric {
  readonly name: string;
  readonly unit?: string;
  readonly histogram?: { readonly dataPoints: readonly { readonly count: number; readonly attributes: Attribute[] }[] };
}
interface Body {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly RawMetric[] }[];
  }[];
}

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly name: string;
  readonly service: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly moments: readonly string[];
  /** 2 is an error. */
  readonly status: number;
}

export interface Collector {
  readonly url: string;
  /** Everything that was received, as it was sent. */
  raw(): string;
  spans(): ReceivedSpan[];
  /** How often each histogram counted, by `METRIC NAME`. */
  counts(): Record<string, number>;
  stop(): Promise<void>;
}

/** An OpenTelemetry collector that accepts OTLP/JSON over HTTP. @param status its answer; 0 never answers */
export async function startCollector(status = 200): Promise<Collector> {
  const texts: string[] = [];
  const server = createServer(async (request, response) => {
    texts.push(await textOf(request));
    if (status !== 0) response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const bodies = () => texts.map((text): Body => JSON.parse(text));
  return {
    url: `http://127.0.0.1:${port}`,
    raw: () => texts.join('\n'),
    spans: () => bodies().flatMap(spansIn),
    counts: () => Object.fromEntries(bodies().flatMap(countsIn)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const bytes = Buffer.concat(await request.toArray());
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

function spansIn({ resourceSpans = [] }: Body): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ name, attributes = [], events = [], status }) => ({
        name,
        service: plain(resource.attributes)['service.name'],
        attributes: plain(attributes),
        moments: events.map((event) => event.name),
        status: status?.code ?? 0,
      })),
  );
}

function countsIn({ resourceMetrics = [] }: Body): [string, number][] {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .flatMap(({ name, histogram }) =>
      (histogram?.dataPoints ?? []).map((point): [string, number] => [
        [name, ...Object.values(plain(point.attributes))].join(' '),
        Number(point.count),
      ]),
    );
}

function plain(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
