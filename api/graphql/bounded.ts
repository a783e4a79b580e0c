import { complexityFromQuery } from '@pothos/plugin-complexity';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  Kind,
  parse,
  type Source,
  subscribe,
} from 'graphql';
import type { AnswerError } from '../http/middleware/answer-errors.ts';
import { mostOfOperation } from './builder.ts';
import type { Context } from './context.ts';

/** Words of a document. */
const mostTokens = 2_000;

export function parseBounded(source: string | Source): DocumentNode {
  return parse(source, { maxTokens: mostTokens });
}

const codes: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  429: 'TOO_MANY_REQUESTS',
  503: 'UNAVAILABLE',
};

export type Bounded = {
  readonly execute: (args: ExecutionArgs) => Promise<ExecutionResult>;
  readonly subscribe: (args: ExecutionArgs) => Promise<AsyncGenerator<ExecutionResult> | ExecutionResult>;
};

/** Runs operations that cost little enough. Errors have the words of REST, and its status among their extensions. */
export function createBounded(answerError: AnswerError): Bounded {
  const present = (error: GraphQLError, requestId: string): GraphQLError => {
    // What was wrong before anything was run is GraphQL's own.
    if (!error.path || !error.originalError) return error;
    const request = { request_id: requestId, method: 'POST', path: '/graphql' };
    const { status, message, headers } = answerError(error.originalError, request);
    const after = headers['Retry-After'];
    return new GraphQLError(message, {
      ...{ nodes: error.nodes ?? null, path: error.path },
      extensions: {
        ...{ code: codes[status] ?? 'INTERNAL_SERVER_ERROR', status },
        ...(after === undefined ? {} : { retryAfter: Number(after) }),
      },
    });
  };
  const presented = (result: ExecutionResult, { contextValue }: ExecutionArgs): ExecutionResult => {
    const { requestId } = contextValue as Context;
    return result.errors
      ? { ...result, errors: result.errors.map((error) => present(error, requestId)) }
      : result;
  };
  return {
    execute: async (args) => {
      const refusal = refusalOf(args);
      return refusal ? { errors: [refusal] } : presented(await execute(args), args);
    },
    subscribe: async (args) => {
      const refusal = refusalOf(args);
      if (refusal) return { errors: [refusal] };
      const result = await subscribe(args);
      return Symbol.asyncIterator in result ? result : presented(result, args);
    },
  };
}

/** Null if the operation is within its bounds. */
function refusalOf({ schema, document, variableValues, contextValue, operationName }: ExecutionArgs) {
  if (isIntrospection(document)) return null; // its depth is bounded by a rule of graphql's own
  try {
    const asked = { schema, ctx: contextValue as object, variables: { ...variableValues } };
    const cost = complexityFromQuery(chosenOf(document, operationName), asked);
    for (const [what, most] of Object.entries(mostOfOperation) as [keyof typeof cost, number][])
      if (cost[what] > most)
        return new GraphQLError(
          `The operation has a ${what} of ${Math.ceil(cost[what])}, and may have ${most}`,
          {
            extensions: { code: 'TOO_COMPLEX', status: 400 },
          },
        );
    return null;
  } catch (error) {
    return new GraphQLError((error as Error).message, { extensions: { code: 'BAD_REQUEST', status: 400 } });
  }
}

/** Of a document with several operations, the one that is run. */
function chosenOf(document: DocumentNode, name: string | null | undefined): DocumentNode {
  if (name == null) return document;
  const definitions = document.definitions.filter(
    (one) => one.kind !== Kind.OPERATION_DEFINITION || one.name?.value === name,
  );
  return { ...document, definitions };
}

function isIntrospection({ definitions }: DocumentNode): boolean {
  return definitions.every(
    (definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ||
      (definition.kind === Kind.OPERATION_DEFINITION &&
        definition.selectionSet.selections.every(
          (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'),
        )),
  );
}
