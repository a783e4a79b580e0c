import { z } from 'zod';
import type { Api } from '../../api.ts';
import { refuseUnlessAllowed } from '../../auth/authorize.ts';
import type { Identity } from '../../auth/identify.ts';
import { ordersIn } from '../../auth/limits.ts';
import { accessOf } from '../../auth/permissions.ts';
import { BadRequest, TooManyRequests, Unauthorized } from '../../errors.ts';
import { flag, objectError, readBody } from '../../http/body.ts';
import { createAnswerError } from '../../http/middleware/answer-errors.ts';
import { parseBody } from '../../http/middleware/json-body.ts';
import { newRequestId } from '../../http/middleware/request-id.ts';
import type { Switches } from '../../orders/switches/watch.ts';
import type { FindIdentity } from '../identity.ts';
import { createCancelOnDisconnect } from './cancel-on-disconnect.ts';
import { type Method, methods } from './methods.ts';
import { rawParams } from './raw-params.ts';

/** Requests of one socket that may be under way. */
const mostUnderWay = 2_000;

/** A message with a `method`, and the text that it was. */
export type Request = { readonly message: Readonly<Record<string, unknown>>; readonly text: string };

export type Answer = {
  readonly status: number;
  readonly result?: unknown;
  readonly error?: { message: string };
};

/** Order entry on one socket. */
export type Entry = {
  readonly receive: (request: Request) => void;
  readonly underWay: () => number;
  /** The socket is gone. */
  readonly end: () => void;
};

export type EntryParts = {
  readonly api: Api;
  readonly switches: Switches;
  readonly findIdentity: FindIdentity;
  readonly answer: (id: string | number | null, answer: Answer) => void;
};

/** Makes what is the same for all sockets. */
export function createOrderEntry(
  api: Api,
  switches: Switches,
): (parts: Omit<EntryParts, 'api' | 'switches'>) => Entry {
  const answerError = createAnswerError(api.log, api.metrics);
  return (parts) => openEntry({ api, switches, ...parts }, answerError);
}

/** Any number of requests may be under way; each is answered when it is decided. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions over one connection
function openEntry(
  { api, switches, findIdentity, answer }: EntryParts,
  answerError: ReturnType<typeof createAnswerError>,
): Entry {
  let underWay = 0;
  let isGone = false;
  let logon: Promise<Identity | null> | null = null;
  const cancelOnDisconnect = createCancelOnDisconnect(switches);

  /** Those that are sent along with a logon wait for it. Without one the socket's opening says who it is. */
  const identified = async (): Promise<Identity> => {
    logon ??= findIdentity({});
    const identity = await logon;
    if (!identity) throw new Unauthorized('session.logon is required');
    return identity;
  };
  const logOn = async (params: unknown): Promise<Answer> => {
    if (typeof params !== 'object' || params === null)
      throw new BadRequest('Invalid body: must be a JSON object');
    logon = findIdentity(params as Record<string, unknown>);
    logon.catch(() => {});
    const { traderId, role, permissions } = (await identified()).caller;
    if (readBody(logonParams, params).cancel_on_disconnect) await cancelOnDisconnect.begin(traderId);
    const trader_id = traderId === null ? null : String(traderId);
    const cancel_on_disconnect = cancelOnDisconnect.isOn();
    return { status: 200, result: { trader_id, role, permissions: [...permissions], cancel_on_disconnect } };
  };
  const runMethod = async (method: Method, params: unknown, asked: Asking): Promise<Answer> => {
    const identity = await identified();
    const { caller } = identity;
    const access = accessOf[method.route];
    if (access !== 'everybody') refuseUnlessAllowed(caller, access);
    await api.limits.countCaller(method.route, identity, ordersIn(params));
    const state = { caller, requestId: asked.requestId };
    const { status, body } = await method.run(api, { state, isAsync: asked.isAsync }, params);
    return { status, result: body };
  };
  const run = async (name: string, params: unknown, asked: Asking): Promise<Answer> => {
    if (name === 'time')
      return { status: 200, result: { iso: new Date().toISOString(), epoch: Date.now() / 1_000 } };
    if (name === 'session.logon') return logOn(params);
    const method = methods.get(name);
    if (!method) throw new BadRequest(`Invalid method: there is no ${JSON.stringify(name.slice(0, 64))}`);
    return runMethod(method, params, asked);
  };
  const handle = async ({ message, text }: Request): Promise<void> => {
    const start = performance.now();
    const id = idOf(message);
    const requestId = cancelOnDisconnect.requestId() ?? newRequestId();
    let name = 'none';
    let answered: Answer;
    try {
      if (id === null)
        throw new BadRequest('Invalid id: must be text of at most 64 letters, or a whole number');
      if (underWay > mostUnderWay) throw new TooManyRequests('Too many requests are under way');
      const { method, prefer } = message;
      if (typeof method !== 'string') throw new BadRequest('Invalid method: must be text');
      if (methods.has(method) || method.startsWith('session.') || method === 'time') name = method;
      const raw = rawParams(text);
      if (raw === null && methods.has(method)) throw new BadRequest('Invalid body: a JSON body is required');
      const isAsync = typeof prefer === 'string' && /\brespond-async\b/i.test(prefer);
      answered = await run(method, raw === null ? {} : parseBody(raw), { requestId, isAsync });
    } catch (error) {
      const { status, message } = answerError(error, { request_id: requestId, method: 'WS', path: name });
      answered = { status, error: { message } };
    }
    api.metrics.answered('WS', name, answered.status, (performance.now() - start) / 1_000);
    answer(id, answered);
  };
  return {
    receive: (request) => {
      underWay++;
      void handle(request).finally(() => {
        underWay--;
        if (isGone && underWay === 0) cancelOnDisconnect.end();
      });
    },
    underWay: () => underWay,
    end: () => {
      isGone = true;
      if (underWay === 0) cancelOnDisconnect.end();
    },
  };
}

const logonParams = z.object({ cancel_on_disconnect: flag.default(false) }, objectError);

type Asking = { readonly requestId: string; readonly isAsync: boolean };

function idOf({ id }: Request['message']): string | number | null {
  if (typeof id === 'string') return id.length <= 64 ? id : null;
  return Number.isSafeInteger(id) ? (id as number) : null;
}
