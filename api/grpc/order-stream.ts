import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import type { Api } from '../api.ts';
import { whoIs } from '../auth/callers.ts';
import { BadRequest, TooManyRequests } from '../errors.ts';
import { newRequestId } from '../http/middleware/request-id.ts';
import { createDeadlines } from '../shard/deadlines.ts';
import { createBatches } from './batches.ts';
import type { Asking, Calls } from './calls.ts';
import type { StreamOrdersRequest, StreamOrdersResponse } from './generated/cardstock/v1/orders.ts';
import type { OpenCall, OpenCalls } from './open-calls.ts';

/** What of one stream may be without an answer that was read. While it is so much, nothing more is read. */
const most = { batches: 64, orders: 10_000 };
/** Streams that one caller may have open on a process. */
const mostStreams = 8;
/** How long a client may take to read an answer. */
const readingMs = 30_000;
/** A stream outlives the call that opened it, so what it was opened with is looked at again. */
const recheckEveryMs = 30_000;

type OrderCall = ServerDuplexStream<StreamOrdersRequest, StreamOrdersResponse>;
type Parts = { readonly api: Api; readonly calls: Calls; readonly openCalls: OpenCalls };

export function streamOrders(
  parts: Parts,
): handleBidiStreamingCall<StreamOrdersRequest, StreamOrdersResponse> {
  const { calls } = parts;
  const streams = new Map<string, number>();
  const unread = createDeadlines<{ readonly end: () => void }>(readingMs, ({ end }) => end());
  const open = async (call: OrderCall, asking: Asking): Promise<void> => {
    const { claim, recheck } = await calls.callerOf(call, asking, 'POST /orders/batch');
    if (call.cancelled) return;
    const who = whoIs(claim);
    const others = streams.get(who) ?? 0;
    if (others >= mostStreams)
      throw new TooManyRequests(`At most ${mostStreams} streams of orders are open at a time`);
    streams.set(who, others + 1);
    const end = (error: Error): void => void call.emit('error', asking.failed(error));
    const entered = serveBatches(call, { ...parts, claim, end, unread });
    const checking = setInterval(() => recheck().catch(entered.stop), recheckEveryMs);
    entered.onEnd(() => {
      clearInterval(checking);
      const left = streams.get(who)! - 1;
      if (left === 0) streams.delete(who);
      else streams.set(who, left);
    });
  };
  return (call) => {
    const asking = calls.begin(call);
    open(call, asking).catch((error) => call.emit('error', asking.failed(error)));
  };
}

type Serving = Parts & {
  readonly claim: Parameters<typeof createBatches>[0]['claim'];
  readonly end: (error: Error) => void;
  readonly unread: ReturnType<typeof createDeadlines<{ readonly end: () => void }>>;
};

/** Reads batches as long as few of them are under way, and ends when the client has no more and all are answered. */
function serveBatches(call: OrderCall, { api, calls, openCalls, claim, end, unread }: Serving): OpenCall {
  const underWay = { batches: 0, orders: 0 };
  const isFull = (): boolean => underWay.batches >= most.batches || underWay.orders >= most.orders;
  /** How the stream is to end once all are answered. */
  let finish: (() => void) | null = null;
  const isEnding = (): boolean => finish !== null;
  const finishIfAnswered = (): void => {
    if (underWay.batches === 0) finish?.();
  };
  const finishWith = (how: () => void): void => {
    call.pause();
    finish ??= how;
    finishIfAnswered();
  };
  const entered = openCalls.enter(call, (error) => finishWith(() => end(error)));
  const stuck = { end: () => entered.endStuck(new TooManyRequests('too slow: answers are not read')) };
  const send = (message: StreamOrdersResponse): Promise<void> =>
    new Promise((resolve) => {
      const item = { ...stuck };
      unread.add(item);
      call.write(message, () => {
        unread.delete(item);
        resolve();
      });
    });
  let isOver = false;
  entered.onEnd(() => {
    isOver = true;
  });
  const take = createBatches({
    ...{ api, claim },
    begin: () => calls.begin(call, newRequestId()),
    send: async (message) => {
      if (!isOver) await send(message);
    },
  });
  call.on('data', async (batch: StreamOrdersRequest | BadRequest) => {
    if (isEnding()) return;
    if (batch instanceof BadRequest) return entered.stop(batch);
    const { length } = batch.orders;
    underWay.batches++;
    underWay.orders += length;
    if (isFull()) call.pause();
    await take(batch);
    underWay.batches--;
    underWay.orders -= length;
    if (isEnding()) finishIfAnswered();
    else if (call.isPaused() && !isFull()) call.resume();
  });
  call.on('end', () => finishWith(() => call.end()));
  return entered;
}
