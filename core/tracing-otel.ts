import {
  type Context,
  DiagLogLevel,
  diag,
  isSpanContextValid,
  type Attributes as OtelAttributes,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { RootSpan, TraceParent, Tracing, TracingOptions } from './tracing.ts';

/** Whoever asks by `traceparent` is traced, up to so many requests a second of a process: it must not become a way to load it. */
const mostAskedASecond = 50;

const exporting = { maxQueueSize: 4_096, maxExportBatchSize: 512, scheduledDelayMillis: 1_000 };

export function createTracing({ process, traceRatio, otlpEndpoint, log }: TracingOptions): Tracing {
  // The collector may be away for days: what OpenTelemetry says of that is no more than a line at debug.
  const say = (text: string): void => log.debug({ error: text }, 'spans could not be exported');
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.WARN);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': `cardstock-${process}`,
      'service.namespace': 'cardstock',
    }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${otlpEndpoint}/v1/traces` }), exporting),
    ],
  });
  const tracer = provider.getTracer('cardstock');
  const mayBeAsked = createBucket(mostAskedASecond);
  const parentOf = (given: string | undefined): Context | null => {
    const remote = given === undefined ? null : readTraceParent(given);
    if (remote === null) return Math.random() < traceRatio ? ROOT_CONTEXT : null;
    if (!(remote.traceFlags & TraceFlags.SAMPLED) || !mayBeAsked()) return null;
    return trace.setSpanContext(ROOT_CONTEXT, remote);
  };
  return {
    begin: (given) => {
      const context = parentOf(given);
      if (!context) return undefined;
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, context);
      return {
        traceId: span.spanContext().traceId,
        parent: writeTraceParent(span.spanContext()),
        end: (name, attributes, isError) => {
          span.updateName(name).setAttributes(attributes as OtelAttributes);
          if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      } satisfies RootSpan;
    },
    add: (name, parent, { start, end, attributes }) => {
      const remote = readTraceParent(parent);
      if (!remote) return;
      const context = trace.setSpanContext(ROOT_CONTEXT, remote);
      tracer
        .startSpan(name, { startTime: start, attributes: attributes as OtelAttributes }, context)
        .end(end);
    },
    close: () => provider.shutdown().catch(() => {}),
  };
}

/** Null if it is none, as the recommendation wants it: then the request begins a trace of its own. */
export function readTraceParent(text: string): SpanContext | null {
  const [, version, traceId, spanId, flags] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(text) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && text.length !== 55)) return null;
  const context = {
    traceId: traceId!,
    spanId: spanId!,
    traceFlags: Number.parseInt(flags!, 16),
    isRemote: true,
  };
  return isSpanContextValid(context) ? context : null;
}

function writeTraceParent({ traceId, spanId }: SpanContext): TraceParent {
  return `00-${traceId}-${spanId}-01`;
}

/** True at most `most` times in each second. */
function createBucket(most: number): () => boolean {
  let second = 0;
  let left = most;
  return () => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) {
      second = now;
      left = most;
    }
    return left-- > 0;
  };
}
