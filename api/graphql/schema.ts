import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './builder.ts';
import './queries.ts';
import './mutations.ts';
import './subscriptions.ts';

export function createSchema(): GraphQLSchema {
  return builder.toSchema();
}

/** As docs/schema.graphql has it. */
export function schemaText(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
