// The load: a process of its own that sends prepared batches over a few connections.
//
// Why a file of bodies: they cost more to make than to send, and a file bounds the memory however many there are.
//
// Usage: started by bench.ts and bench-growth.ts, which speak with it by messages (`load-process.ts`)

import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Connection, openConnection, retryAfter } from './connection.ts';
import { messageOf, sendByGrpc } from './load-grpc.ts';
import type { LoadOptions, LoadResult, ToLoad } from './load-process.ts';
import { createOrders, jsonOf } from './orders.ts';
import { createPool, type Pool } from './pool.ts';
import { answerMessages } from './tool.ts';

type Batch = { readonly at: number; readonly length: number; readonly orders: number };

/** Writes the bodies of all batches one after another, and says where each lies. */
function prepare(options: LoadOptions): { readonly file: number; readonly batches: readonly Batch[] } {
  const next = createOrders(options);
  const file = openSync(options.file, 'w+');
  const batches: Batch[] = [];
  let at = 0;
  for (let left = options.orders; left > 0; left -= options.batch) {
    const orders = Math.min(left, options.batch);
    const some = Array.from({ length: orders }, next);
    const body = options.grpcPort ? messageOf(some, options) : Buffer.from(`[${some.map(jsonOf).join(',')}]`);
    const length = writeSync(file, body, 0, body.length, at);
    batches.push({ at, length, orders });
    at += length;
  }
  return { file, batches };
}

function readBody(file: number, { at, length }: Batch): Buffer {
  const body = Buffer.allocUnsafe(length);
  readSync(file, body, 0, length, at);
  return body;
}

type Sending = {
  readonly options: LoadOptions;
  readonly result: { -readonly [K in keyof LoadResult]: LoadResult[K] };
  readonly cancelers: Pool | null;
};

const path = '/orders/batch';

/** Sends a batch until it is taken: an exchange with a full backlog says when to come again. */
async function sendBatch(sending: Sending, connection: Connection, body: Buffer): Promise<Answer> {
  const { options, result } = sending;
  const headers = options.async ? 'Prefer: respond-async\r\n' : '';
  for (;;) {
    const answer = await connection.send({ method: 'POST', path, token: options.token, body, headers });
    if (answer.status < 300) return answer;
    if (answer.status !== 503) throw new Error(`a batch was answered ${answer.status}: ${answer.body}`);
    result.refused++;
    await sleep(retryAfter(answer) * 1_000);
  }
}

function takenOf({ body }: Answer, { options }: Sending, orders: number): number {
  if (options.async) return (JSON.parse(body.toString()) as { count: number }).count;
  // Whatever became of an order has more fields than this one.
  if (!body.includes('{"message":')) return orders;
  const answers = JSON.parse(body.toString()) as object[];
  return answers.filter((answer) => !('message' in answer)).length;
}

type OpenOrder = { readonly id: string; readonly profile_id: string; readonly status: string };

/** Cancels a share of the batch, those of its orders that rest; each is a request of its own. */
async function cancelSome({ options, result, cancelers }: Sending, answer: Answer): Promise<void> {
  if (!cancelers) return;
  const answers = JSON.parse(answer.body.toString()) as OpenOrder[];
  const open = answers.filter(({ status }) => status === 'open');
  const wanted = Math.round(answers.length * options.cancels);
  await Promise.all(
    open.slice(0, wanted).map(async ({ id, profile_id }) => {
      const path = `/orders/${id}?trader_id=${profile_id}`;
      const { status } = await cancelers.send({ method: 'DELETE', path, token: options.token });
      // Another order may have traded with it meanwhile.
      if (status !== 200 && status !== 400) throw new Error(`a cancel was answered ${status}`);
      result.cancels++;
    }),
  );
}

function* messagesIn(file: number, batches: readonly Batch[]) {
  for (const batch of batches) yield { bytes: readBody(file, batch), orders: batch.orders };
  closeSync(file);
}

async function sendAll(
  options: LoadOptions,
  { file, batches }: ReturnType<typeof prepare>,
): Promise<LoadResult> {
  if (options.grpcPort) return sendByGrpc(options, messagesIn(file, batches));
  const result = { orders: 0, refused: 0, cancels: 0 };
  const cancelers = options.cancels > 0 ? await createPool(options.port, 16) : null;
  const sending: Sending = { options, result, cancelers };
  const left = batches.values();
  const work = async (): Promise<void> => {
    const connection = await openConnection(options.port);
    for (const batch of left) {
      const answer = await sendBatch(sending, connection, readBody(file, batch));
      result.orders += takenOf(answer, sending, batch.orders);
      await cancelSome(sending, answer);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: options.connections }, work));
  cancelers?.close();
  closeSync(file);
  return result;
}

let prepared: { readonly options: LoadOptions; readonly bodies: ReturnType<typeof prepare> };
answerMessages<ToLoad>(async (message) => {
  if (message.kind === 'go') return sendAll(prepared.options, prepared.bodies);
  prepared = { options: message.options, bodies: prepare(message.options) };
});
