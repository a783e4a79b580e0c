import type { Tracing, TracingOptions } from './tracing.ts';

/** Null while tracing is off, as it is by default: then OpenTelemetry is not even loaded. */
export async function openTracing(options: TracingOptions): Promise<Tracing | null> {
  if (options.traceRatio === 0) return null;
  const { createTracing } = await import('./tracing-otel.ts');
  return createTracing(options);
}
