import { setTimeout as wait } from 'node:timers/promises';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from './logger.ts';
import type { Recorder, WorkAttributes, WorkKind } from './recorder.ts';
import { scrubText } from './redaction.ts';

const SERVICE = 'billing-groups';
/** A shutdown has 25 s, of which running jobs take 20. */
const STOP_MS = 1_500;
/** In seconds, from a quick answer to a long job. */
const BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const WORDS: Readonly<Record<WorkKind, string>> = {
  slack: 'Time from the arrival of a request from Slack to its answer.',
  api: 'Time from the arrival of a request to the Invoice API to the end of its response.',
  job: 'Duration of a run of a background job.',
};

/**
 * Records work as spans `KIND NAME` and in the histograms `billing.KIND.duration` (in seconds). `OTEL_SERVICE_NAME`,
 * `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER` and other variables that concern the
 * exporters are read by OpenTelemetry itself.
 */
export function openTelemetry(endpoint: string, log: Logger, stopMs = STOP_MS): Recorder {
  const base = endpoint.replace(/\/+$/, '');
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': SERVICE }))
    .merge(detectResources({ detectors: [envDetector] }));
  const spans = watched(new OTLPTraceExporter({ url: `${base}/v1/traces` }), 'traces', log);
  const figures = watched(new OTLPMetricExporter({ url: `${base}/v1/metrics` }), 'metrics', log);
  const tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(spans)] });
  const meters = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: figures })],
  });
  const tracer = tracers.getTracer(SERVICE);
  const durations = histograms(meters);
  return {
    begin(kind, name, attributes) {
      const began = performance.now();
      const span = tracer.startSpan(`${kind} ${name}`, {
        kind: kind === 'job' ? SpanKind.INTERNAL : SpanKind.SERVER,
        attributes: scrubbed(attributes),
      });
      let hasEnded = false;
      return {
        note: (moment) => void span.addEvent(moment),
        end({ code, isFault = false, name: found = name, attributes: more = {} } = {}) {
          if (hasEnded) return;
          hasEnded = true;
          const error = code === undefined ? {} : { 'error.type': code };
          span.updateName(`${kind} ${found}`).setAttributes({ ...scrubbed(more), ...error });
          if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
          durations[kind].record((performance.now() - began) / 1000, { name: found, ...error });
        },
      };
    },
    async stop() {
      const timer = new AbortController();
      const sent = Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
      await Promise.race([sent, wait(stopMs, undefined, { signal: timer.signal })]);
      timer.abort();
    },
  };
}

function histograms(meters: MeterProvider) {
  const meter = meters.getMeter(SERVICE);
  const of = (kind: WorkKind) =>
    meter.createHistogram(`billing.${kind}.duration`, {
      description: WORDS[kind],
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    });
  return { slack: of('slack'), api: of('api'), job: of('job') };
}

/** A client chooses its own request IDs: they may look like anything. */
function scrubbed(attributes: WorkAttributes): WorkAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, typeof value === 'string' ? scrubText(value) : value]),
  );
}

interface Exporter<T> {
  export(items: T, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
}

/** The same exporter, which logs when the collector stops accepting data, and when it accepts it again. */
function watched<T, E extends Exporter<T>>(exporter: E & Exporter<T>, signal: string, log: Logger): E {
  const send: Exporter<T>['export'] = exporter.export.bind(exporter);
  let isDown = false;
  exporter.export = (items, done) =>
    send(items, (result) => {
      const hasFailed = result.code !== 0;
      if (hasFailed && !isDown) log.warn({ signal, err: result.error }, 'telemetry can’t be sent');
      if (!hasFailed && isDown) log.info({ signal }, 'telemetry is sent again');
      isDown = hasFailed;
      done(result);
    });
  return exporter;
}
