import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { sleep } from '../../core/lifecycle.ts';
import { readTraceParent } from '../../core/tracing-otel.ts';
import { startExchange } from '../support/exchange.ts';

type Span = {
  readonly process: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
};

type Body = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue: string } }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'process'>[] }[];
  }[];
};

/** A collector that keeps what it is sent. */
async function startReceiver(t: ExecutionContext) {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as Body;
    for (const { resource, scopeSpans } of resourceSpans) {
      const process = resource.attributes.find(({ key }) => key === 'service.name')!.value.stringValue;
      spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, process }))));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

async function traceOf(spans: readonly Span[], traceId: string, count: number): Promise<Span[]> {
  for (let attempts = 0; ; attempts++) {
    const found = spans.filter((span) => span.traceId === traceId);
    if (found.length >= count || attempts === 100) return found;
    await sleep(100);
  }
}

test('one order is one trace through api, matcher and writer, under the parent that its client named', async (t) => {
  const receiver = await startReceiver(t);
  // So rare that only what is asked for is traced.
  const env = { TRACE_RATIO: '0.000000001', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const exchange = await startExchange({ env });
  t.teardown(exchange.stop);
  const trader = await exchange.trader(1);
  const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const place = (flags: string, headers = {}) =>
    trader.post('/orders', order, { traceparent: `00-${traceId}-b7ad6b7169203331-${flags}`, ...headers });

  await place('00');
  const { headers } = await place('01');
  t.is(headers.get('x-request-id'), traceId);
  const spans = await traceOf(receiver.spans, traceId, 5);
  const root = spans.find(({ name }) => name === 'POST /orders')!;
  t.is(root.parentSpanId, 'b7ad6b7169203331');
  t.deepEqual(spans.map(({ process, name }) => `${process}: ${name}`).sort(), [
    'cardstock-api: POST /orders',
    'cardstock-api: submit',
    'cardstock-api: verdict',
    'cardstock-matcher: run',
    'cardstock-writer: commit',
  ]);
  for (const span of spans) {
    if (span !== root) t.is(span.parentSpanId, root.spanId, span.name);
    t.true(BigInt(span.endTimeUnixNano) > BigInt(span.startTimeUnixNano), span.name);
  }
  const [submit, commit] = ['submit', 'commit'].map((name) => spans.find((span) => span.name === name)!);
  t.true(BigInt(commit!.startTimeUnixNano) > BigInt(submit!.startTimeUnixNano));

  const named = await place('01', { 'x-request-id': 'mine' });
  t.is(named.headers.get('x-request-id'), 'mine');
  t.is((await traceOf(receiver.spans, traceId, 10)).length, 10);
  t.is(new Set(receiver.spans.map((span) => span.traceId)).size, 1, 'nothing else is traced');
});

test('a traceparent that is none begins no trace of its client', (t) => {
  const [trace, span] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  const rows: [given: string, isOne: boolean][] = [
    [`00-${trace}-${span}-01`, true],
    [`01-${trace}-${span}-01-more`, true],
    [`00-${trace}-${span}-01-more`, false],
    [`ff-${trace}-${span}-01`, false],
    [`00-${'0'.repeat(32)}-${span}-01`, false],
    [`00-${trace}-${'0'.repeat(16)}-01`, false],
    [`00-${trace.toUpperCase()}-${span}-01`, false],
    ['', false],
  ];
  for (const [given, isOne] of rows) t.is(readTraceParent(given) !== null, isOne, given);
});
