// Every route, with what its own schemas nearly allow: no failure, no answer that is not described, none that takes long.
// `npm run fuzz:api` does it for an hour, or for FUZZ_SECONDS.

import test from 'ava';
import fc from 'fast-check';
import { toJSONSchema } from 'zod';
import { accessOf, type RouteName } from '../../api/auth/permissions.ts';
import { described } from '../../api/openapi/document.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { keepAsking, odd, secondsOr } from '../support/fuzz.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

const seconds = secondsOr(4);
/** They would end the credentials that the fuzz works with. */
const left = new Set<RouteName>(['DELETE /sessions', 'DELETE /sessions/current', 'DELETE /sessions/:id']);
const names = (Object.keys(accessOf) as RouteName[]).filter(
  (name) => !left.has(name) && described[name].answer !== null && !name.startsWith('GET /health'),
);

type JsonSchema = {
  type?: string;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
};

/** Mostly what a schema asks for, and sometimes what it does not. */
function like(schema: JsonSchema): fc.Arbitrary<unknown> {
  const fitting = fittingFor(schema);
  return fc.oneof({ weight: 4, arbitrary: fitting }, { weight: 1, arbitrary: odd });
}

function fittingFor({ type, enum: choices, properties, items, anyOf }: JsonSchema): fc.Arbitrary<unknown> {
  if (choices) return fc.constantFrom(...choices);
  if (anyOf) return fc.oneof(...anyOf.map(like));
  if (type === 'object' && properties) {
    const shape = Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, like(each)]));
    return fc.record(shape, { requiredKeys: [] });
  }
  if (type === 'array') return fc.array(like(items ?? {}), { maxLength: 4 });
  if (type === 'number' || type === 'integer') return fc.oneof(fc.integer(), fc.double());
  if (type === 'boolean') return fc.boolean();
  return fc.oneof(
    fc.constantFrom('PIKACHU-USD', 'USD', '1', '5.00', '2', 'open', '2026-01-01T00:00:00Z'),
    fc.string(),
  );
}

function requestsTo(
  name: RouteName,
): fc.Arbitrary<{ method: string; target: string; body: string | undefined }> {
  const [method, pattern] = name.split(' ') as [string, string];
  const { query, body } = described[name];
  const path = fc.tuple(
    ...pattern
      .split('/')
      .map((part) =>
        part.startsWith(':')
          ? fc
              .oneof(fc.constantFrom('1', '2-USD', 'PIKACHU-USD', 'client:x'), fc.string({ minLength: 1 }))
              .map(encodeURIComponent)
          : fc.constant(part),
      ),
  );
  const queries = fc.dictionary(
    fc.constantFrom(...Object.keys(query?.shape ?? { x: 0 })),
    fc.oneof(fc.constantFrom('1', 'all', '10', '2020-01-01', 'PIKACHU-USD'), fc.string()),
    { maxKeys: 3 },
  );
  const schema = body ? (toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) as JsonSchema) : null;
  return fc.record({
    method: fc.constant(method),
    target: fc
      .tuple(path, queries)
      .map(([parts, given]) =>
        `${parts.join('/')}?${new URLSearchParams(given)}`.replace(/\/\.{1,2}(?=[/?])/g, '/x'),
      ),
    body: schema ? like(schema).map((value) => JSON.stringify(value)) : fc.constant(undefined),
  });
}

test('no request makes a route fail, stall, or answer what is not described', async (t) => {
  const [trader, operator] = [await exchange.trader(1), exchange.operator];
  const anyRequest = fc.oneof(...names.map(requestsTo));
  const asked = await keepAsking(
    seconds,
    fc.tuple(anyRequest, fc.constantFrom(trader, operator, exchange.anonymous)),
    async ([request, client]) => {
      const { status, body } = await client.send(request.method, request.target, request.body);
      if (status >= 500 && status !== 503) throw new Error(`${status}: ${JSON.stringify(body)}`);
    },
  );
  t.log(`${asked} requests`);
  t.true(asked > 50);
  t.is((await exchange.anonymous.get('/health/ready')).status, 200);
});
