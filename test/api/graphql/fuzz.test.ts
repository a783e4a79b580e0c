// Every field, with operations made from the schema. `npm run fuzz:api` does it at length.

import { readFileSync } from 'node:fs';
import test from 'ava';
import fc, { type GeneratorValue } from 'fast-check';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { changingNothingIfRefused, keepAsking, likelyText, odd, secondsOr } from '../../support/fuzz.ts';
import { ask } from '../../support/graphql.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

const schema = buildSchema(readFileSync(new URL('../../../docs/schema.graphql', import.meta.url), 'utf8'));
const roots = [schema.getQueryType()!, schema.getMutationType()!];
const deepest = 4;

type Variables = Map<string, { readonly type: GraphQLInputType; readonly value: unknown }>;
type AnyField = GraphQLField<unknown, unknown>;

/** Mostly a value of the type, and sometimes an odd one. */
function anyValue(type: GraphQLInputType): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: fitting(type) }, { weight: 1, arbitrary: odd });
}

function fitting(type: GraphQLInputType): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return fitting(type.ofType);
  if (isListType(type)) return fc.array(anyValue(type.ofType), { maxLength: 3 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const shape = Object.fromEntries(fields.map((field) => [field.name, anyValue(field.type)]));
    const requiredKeys = fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name);
    return fc.record(shape, { requiredKeys });
  }
  if (type.name === 'Boolean') return fc.boolean();
  if (type.name === 'Int') return fc.oneof(fc.integer({ min: -1, max: 12 }), fc.integer());
  return fc.oneof({ weight: 4, arbitrary: likelyText }, { weight: 1, arbitrary: fc.string() });
}

/** What is drawn by is compared deeply, so a type is named by its text. */
const named = new Map<string, GraphQLInputType>();
const anyValueOf = (name: string): fc.Arbitrary<unknown> => anyValue(named.get(name)!);

function drawValue(draw: GeneratorValue, type: GraphQLInputType): unknown {
  named.set(String(type), type);
  return draw(anyValueOf, String(type));
}

const drawOne = <T>(draw: GeneratorValue, some: readonly T[]): T => some[draw(fc.nat, some.length - 1)]!;

/** Draws an operation: some fields of the schema, their arguments as variables. */
function drawOperation(draw: GeneratorValue): {
  query: string;
  variables: Record<string, unknown>;
  isMutation: boolean;
} {
  const root = drawOne(draw, roots);
  const variables: Variables = new Map();
  const field = drawOne(draw, Object.values(root.getFields()));
  const selection = fieldText(draw, field, { depth: deepest, variables });
  const isMutation = root === schema.getMutationType();
  const declared = [...variables].map(([name, { type }]) => `$${name}: ${type}`);
  const head = `${isMutation ? 'mutation' : 'query'}${declared.length > 0 ? `(${declared.join(', ')})` : ''}`;
  const given = Object.fromEntries([...variables].map(([name, { value }]) => [name, value]));
  return { query: `${head} { ${selection} }`, variables: given, isMutation };
}

type Drawing = { readonly depth: number; readonly variables: Variables };

function fieldText(draw: GeneratorValue, field: AnyField, { depth, variables }: Drawing): string {
  const args = field.args.filter((arg: GraphQLArgument) => isRequiredArgument(arg) || draw(fc.boolean));
  const said = args.map(({ name, type }) => {
    const variable = `v${variables.size}`;
    variables.set(variable, { type, value: drawValue(draw, type) });
    return `${name}: $${variable}`;
  });
  const called = said.length > 0 ? `${field.name}(${said.join(', ')})` : field.name;
  return `${called} ${selectionText(draw, field.type, { depth: depth - 1, variables })}`;
}

function selectionText(draw: GeneratorValue, output: GraphQLOutputType, drawing: Drawing): string {
  const type = getNamedType(output);
  if (!isCompositeType(type)) return '';
  if (!isObjectType(type)) return '{ __typename }';
  const fields = Object.values(type.getFields());
  const plain = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
  const nested = fields.filter((field) => isCompositeType(getNamedType(field.type)));
  const chosen = [
    ...plain.filter(() => draw(fc.boolean)),
    ...(drawing.depth > 0 && nested.length > 0 ? [drawOne(draw, nested)] : []),
  ];
  const texts = chosen.map((field) => fieldText(draw, field as AnyField, drawing));
  return `{ __typename ${texts.join(' ')} }`;
}

test('no operation makes a field fail, and none that is refused changes anything', async (t) => {
  const tokens = [await exchange.tokenOf(1), exchange.operatorToken, null];
  const met = new Map<string, number>();
  const asked = await keepAsking(
    secondsOr(4),
    fc.tuple(fc.gen(), fc.constantFrom(...tokens)),
    ([draw, token]) =>
      changingNothingIfRefused(exchange, async () => {
        const { query, variables, isMutation } = drawOperation(draw);
        const { status, data, errors } = await ask(exchange.baseUrl, token, query, { variables });
        const said = `${status}: ${JSON.stringify(errors)} for ${query} with ${JSON.stringify(variables)}`;
        if (status >= 500 && status !== 503) throw new Error(said);
        for (const { extensions } of errors ?? [])
          if (extensions?.code === 'INTERNAL_SERVER_ERROR' || extensions?.status === 500)
            throw new Error(said);
        const outcome = errors ? (errors[0].extensions?.code ?? 'not valid') : 'answered';
        met.set(outcome, (met.get(outcome) ?? 0) + 1);
        const isRefused = data == null || Object.values(data).every((value) => value === null);
        return { refused: isMutation ? errors !== undefined && isRefused : true };
      }),
  );
  t.log(`${asked} operations`, Object.fromEntries(met));
  t.true(asked > 0);
  t.is((await exchange.anonymous.get('/health/ready')).status, 200);
});
