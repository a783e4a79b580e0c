import type { Log } from './log.ts';

/** W3C's `traceparent` of a span that is sampled: what leads from one process to the next. */
export type TraceParent = string;

export type Attributes = Readonly<Record<string, string | number>>;

/** A span that is over: its times are Unix milliseconds, and may have fractions. */
export type Passed = { readonly start: number; readonly end: number; readonly attributes: Attributes };

/** A request that is traced. */
export type RootSpan = {
  readonly traceId: string;
  readonly parent: TraceParent;
  readonly end: (name: string, attributes: Attributes, isError: boolean) => void;
};

export type Tracing = {
  /** Begins the span of a request if it is to be traced: as its `traceparent` says, or at random. */
  readonly begin: (given: string | undefined) => RootSpan | undefined;
  /** Adds a span under another one. */
  readonly add: (name: string, parent: TraceParent, passed: Passed) => void;
  /** Sends what is left. */
  readonly close: () => Promise<void>;
};

export type TracingOptions = {
  readonly process: string;
  readonly traceRatio: number;
  readonly otlpEndpoint: string;
  readonly log: Log;
};

/** Unix milliseconds with fractions, which never go back. */
export function traceTime(): number {
  return performance.timeOrigin + performance.now();
}
