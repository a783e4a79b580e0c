// Every method, with messages made from the proto files. `npm run fuzz:api` does it at length.

import { fileURLToPath } from 'node:url';
import { type Client, credentials, Metadata, makeClientConstructor, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import test from 'ava';
import fc from 'fast-check';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { changingNothingIfRefused, keepAsking, likelyText, secondsOr } from '../../support/fuzz.ts';
import { portOf } from '../../support/processes.ts';

let exchange: Exchange;
let port: number;
test.before(async () => {
  exchange = await startExchange({ env: { GRPC_PORT: '0' } });
  port = await portOf(exchange.processes.api[0]!, 'serving gRPC');
});
test.after.always(() => exchange?.stop());

type Field = { name: string; label: string; type: string; typeName: string };
type Described = { field?: Field[]; value?: { number: number }[] };

const folder = fileURLToPath(new URL('../../../proto', import.meta.url));
const loaded = loadSync('cardstock/v1/exchange.proto', {
  ...{ includeDirs: [folder], keepCase: true, longs: String },
});
const service = loaded['cardstock.v1.Exchange'] as unknown as Record<string, MethodDefinition>;
type MethodDefinition = {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestType: { readonly type: Described };
  readonly requestSerialize: (message: object) => Buffer;
};

function typeOf({ typeName }: Field): Described {
  const [, found] = Object.entries(loaded).find(
    ([name]) => name === typeName.replace(/^\./, '') || name.endsWith(`.${typeName.split('.').at(-1)}`),
  )!;
  return (found as unknown as { type: Described }).type;
}

const whole = fc.oneof(fc.integer({ min: -1, max: 5 }), fc.integer());
const long = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const text = fc.oneof(
  { weight: 3, arbitrary: likelyText },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 1,
    arbitrary: fc.constantFrom('1e2', '-1', '９', '\u0000', "';--", 'x'.repeat(5_000), '9'.repeat(40)),
  },
);

function messageOf({ field = [] }: Described): fc.Arbitrary<Record<string, unknown>> {
  const shape = field.map((one) => {
    const value = anyValue(one);
    return [one.name, one.label === 'LABEL_REPEATED' ? fc.array(value, { maxLength: 3 }) : value];
  });
  return fc.record(Object.fromEntries(shape), { requiredKeys: [] });
}

function anyValue(field: Field): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'TYPE_MESSAGE':
      return messageOf(typeOf(field));
    case 'TYPE_ENUM':
      return fc.constantFrom(...typeOf(field).value!.map(({ number }) => number), 99, -1);
    case 'TYPE_BOOL':
      return fc.boolean();
    case 'TYPE_STRING':
      return text;
    case 'TYPE_INT64':
    case 'TYPE_UINT64':
      return long.map(String);
    default:
      return whole;
  }
}

type Ended = { readonly code: number; readonly details: string };

/** Sends bytes to a method of whichever kind; what streams is read until something comes of it. */
function send(
  client: Client,
  { path, requestStream, responseStream }: MethodDefinition,
  bytes: Buffer,
  token: string,
) {
  const metadata = new Metadata();
  if (token !== '') metadata.set('authorization', `Bearer ${token}`);
  const same = (some: Buffer): Buffer => some;
  const options = { deadline: Date.now() + 15_000 };
  const open = () => {
    if (!requestStream) return client.makeServerStreamRequest(path, same, same, bytes, metadata, options);
    const call = client.makeBidiStreamRequest(path, same, same, metadata, options);
    call.write(bytes);
    call.end();
    return call;
  };
  return new Promise<Ended>((resolve) => {
    if (!responseStream) {
      client.makeUnaryRequest(path, same, same, bytes, metadata, options, (error) =>
        resolve({ code: error?.code ?? status.OK, details: error?.details ?? '' }),
      );
      return;
    }
    const call = open();
    call.on('data', () => requestStream || call.cancel());
    call.on('error', () => {});
    call.on('status', ({ code, details }) => resolve({ code, details }));
  });
}

/** Codes that say that the server is at fault. */
const faults: readonly number[] = [
  ...[status.UNKNOWN, status.INTERNAL, status.DATA_LOSS, status.UNIMPLEMENTED, status.DEADLINE_EXCEEDED],
];

test('no message makes a method fail, and none that is refused changes anything', async (t) => {
  const client = new (makeClientConstructor({}, 'any'))(`localhost:${port}`, credentials.createInsecure());
  t.teardown(() => client.close());
  const tokens = [await exchange.tokenOf(1), exchange.operatorToken, ''];
  const anyCall = fc.oneof(
    ...Object.entries(service).map(([name, method]) =>
      fc.record({ name: fc.constant(name), message: messageOf(method.requestType.type) }),
    ),
  );
  const met = new Map<string, number>();
  const asked = await keepAsking(
    secondsOr(3),
    fc.tuple(anyCall, fc.constantFrom(...tokens)),
    ([{ name, message }, token]) =>
      changingNothingIfRefused(exchange, async () => {
        const method = service[name]!;
        const { code, details } = await send(client, method, method.requestSerialize(message), token);
        if (faults.includes(code)) throw new Error(`${name} ended with ${status[code]}: ${details}`);
        met.set(status[code]!, (met.get(status[code]!) ?? 0) + 1);
        return { refused: code !== status.OK && code !== status.CANCELLED };
      }),
  );
  t.log(`${asked} calls`, Object.fromEntries(met));
  t.true(asked > 0);
  t.is((await exchange.anonymous.get('/health/ready')).status, 200);
});

test('bytes that are no message end their call and nothing else', async (t) => {
  const client = new (makeClientConstructor({}, 'any'))(`localhost:${port}`, credentials.createInsecure());
  t.teardown(() => client.close());
  const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  await keepAsking(
    secondsOr(1),
    fc.tuple(fc.constantFrom(...Object.keys(service)), anyBytes),
    async ([name, bytes]) => {
      const { code } = await send(client, service[name]!, bytes, exchange.operatorToken);
      if (faults.includes(code)) throw new Error(`${name} ended with ${status[code]}`);
    },
  );
  t.is((await exchange.anonymous.get('/health/ready')).status, 200);
  t.is(exchange.processes.api[0]!.child.exitCode, null);
});
