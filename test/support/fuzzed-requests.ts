// Requests by HTTP and by socket that a route's, or a method's, own schema allows or nearly allows.

import fc from 'fast-check';
import { toJSONSchema, type z } from 'zod';
import type { RouteName } from '../../api/auth/permissions.ts';
import { requestsByMethod } from '../../api/feed/described.ts';
import { described } from '../../api/openapi/document.ts';
import { odd } from './fuzz.ts';

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

export type FuzzedRequest = {
  readonly method: string;
  readonly target: string;
  readonly body: string | undefined;
};

export function requestsTo(name: RouteName): fc.Arbitrary<FuzzedRequest> {
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
  return fc.record({
    method: fc.constant(method),
    target: fc
      .tuple(path, queries)
      .map(([parts, given]) =>
        `${parts.join('/')}?${new URLSearchParams(given)}`.replace(/\/\.{1,2}(?=[/?])/g, '/x'),
      ),
    body: body ? like(schemaOf(body)).map((value) => JSON.stringify(value)) : fc.constant(undefined),
  });
}

export type SocketMethod = keyof typeof requestsByMethod;
export const socketMethods = Object.keys(requestsByMethod) as SocketMethod[];
export type FuzzedMessage = { readonly method: SocketMethod; readonly params: unknown };

export function messagesFor(method: SocketMethod): fc.Arbitrary<FuzzedMessage> {
  const { shape } = requestsByMethod[method];
  const params = 'params' in shape ? like(schemaOf(shape.params)) : fc.constant({});
  return fc.record({ method: fc.constant(method), params });
}

function schemaOf(type: z.ZodType): JsonSchema {
  return toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}
