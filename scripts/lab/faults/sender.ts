// Sends requests as a client does that knows nothing but their answers, and records both.

import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal, isGood, type Sent, toldOf, type What } from './record.ts';

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

export type Send = (what: What, call: Call) => Promise<Sent>;

export type Sender = {
  readonly sent: readonly Sent[];
  /** Orders that were answered positively so far. */
  readonly answered: () => number;
  readonly send: Send;
  /** Sends it until it is answered for good, or the sender is stopped; each time is a request of its own. */
  readonly insist: Send;
  readonly stop: () => void;
  readonly isStopped: () => boolean;
};

export type SenderParts = {
  /** Of the api that the next request goes to. */
  readonly port: () => number;
  readonly token: string;
  /** The kind of the last fault. */
  readonly during: () => string;
  /** Told when orders are answered positively. */
  readonly onAnswered: (orders: number) => void;
};

/** A client takes a connection on which nothing comes for so long for broken. */
const patienceMs = 4_000;
const retryMs = 40;

export function createSender({ port, token, during, onAnswered }: SenderParts): Sender {
  const sent: Sent[] = [];
  let answered = 0;
  let isStopped = false;
  const send: Send = async (what, { method, path, body, headers }) => {
    const one: Sent = { requestId: `r${sent.length + 1}`, during: during(), what, answer: null };
    sent.push(one);
    const usual = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    try {
      const response = await fetch(`http://127.0.0.1:${port()}${path}`, {
        method,
        headers: { ...usual, 'x-request-id': one.requestId, ...headers },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(patienceMs),
      });
      const retryAfter = response.headers.get('retry-after');
      one.answer = { status: response.status, retryAfter, body: await response.json() };
    } catch {
      await sleep(retryMs);
    }
    const orders = answeredOrders(one);
    answered += orders;
    if (orders > 0) onAnswered(orders);
    return one;
  };
  const insist: Send = async (what, call) => {
    for (;;) {
      const one = await send(what, call);
      if (isStopped || isFinal(one)) return one;
      await sleep(retryMs);
    }
  };
  return {
    ...{ sent, send, insist, answered: () => answered, isStopped: () => isStopped },
    stop: () => {
      isStopped = true;
    },
  };
}

function answeredOrders(one: Sent): number {
  if (one.what.kind !== 'place' || !isGood(one)) return 0;
  return toldOf(one).filter((told) => told !== null).length;
}
