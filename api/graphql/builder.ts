import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import RelayPlugin from '@pothos/plugin-relay';
import type { Context } from './context.ts';

/** Of one operation: what it may cost, how deep it may go, and how many fields it may have, aliases included. */
export const mostOfOperation = { complexity: 2_000, depth: 12, breadth: 200 };

export type Types = {
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    /** Prices, sizes and money: texts. */
    Decimal: { Input: string; Output: string };
    DateTime: { Input: string; Output: string };
  };
};

/** A field costs one, and what is in a connection as often as the page is long: lists say themselves what they multiply. */
export const builder = new SchemaBuilder<Types>({
  plugins: [ComplexityPlugin, RelayPlugin],
  defaultFieldNullability: false,
  complexity: { defaultComplexity: 1, defaultListMultiplier: 1 },
  relay: {
    cursorType: 'String',
    nodesOnConnection: true,
    edgesFieldOptions: { nullable: false },
    nodeFieldOptions: { nullable: false },
  },
});

/** Anything may come in a variable. */
const textOr = (complaint: string) => (value: unknown) => {
  if (typeof value !== 'string') throw new TypeError(complaint);
  return value;
};

builder.scalarType('Decimal', {
  description: 'A decimal in plain notation, as text, such as "4.50".',
  serialize: (value) => value,
  parseValue: textOr('a decimal must be a text, such as "4.50"'),
});
builder.scalarType('DateTime', {
  description: 'A time in UTC, ISO 8601.',
  serialize: (value) => value,
  parseValue: textOr('a time must be a text, such as "2026-01-31T12:00:00Z"'),
});
