import { type handleUnaryCall, Metadata, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import type { Api } from '../api.ts';
import { refuseUnlessAllowed } from '../auth/authorize.ts';
import { accessOf, type RouteName } from '../auth/permissions.ts';
import { type ClientAddress, createClientAddress } from '../http/client-address.ts';
import type { CallerState } from '../http/context.ts';
import { createAnswerError } from '../http/middleware/answer-errors.ts';
import { requestIdOr } from '../http/middleware/request-id.ts';
import { type Failure, failureOf } from './failures.ts';
import { identifyCall, type Shown, textIn } from './identity.ts';
import { assertRead } from './messages.ts';

/** What every call has, of whichever kind. */
export type AnyCall = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'getPath' | 'getPeer'>;

/** A call on its way to its answer. */
export type Asking = {
  readonly requestId: string;
  readonly address: string;
  readonly path: string;
  /** Counts it as answered. */
  readonly answered: () => void;
  /** The same for one that threw, and how it ends. */
  readonly failed: (error: unknown) => Failure;
};

type Run<Request, Response> = (message: Request, state: CallerState) => Promise<Response>;

/** Makes handlers out of use cases. A call is a route by another transport: whose it may be, and how often, is that route's. */
export type Calls = {
  /** The request's id is the client's, unless one is given. */
  readonly begin: (call: AnyCall, requestId?: string) => Asking;
  /** Whose call it is, if the route is theirs. */
  readonly callerOf: (call: AnyCall, asking: Asking, route: RouteName) => Promise<Shown>;
  readonly forCallers: <Request, Response>(
    route: RouteName,
    run: Run<Request, Response>,
    ordersIn?: (message: Request) => number,
  ) => handleUnaryCall<Request, Response>;
  readonly forAll: <Request, Response>(
    run: (message: Request) => Promise<Response> | Response,
  ) => handleUnaryCall<Request, Response>;
};

export function createCalls(api: Api): Calls {
  const answerError = createAnswerError(api.log, api.metrics);
  const clientAddress = createClientAddress(api.config.trustedProxies);
  const begin: Calls['begin'] = (call, given) => {
    const start = performance.now();
    const path = call.getPath();
    const requestId = given ?? requestIdOr(textIn(call.metadata, 'x-request-id'));
    const address = clientAddress.of(asRequest(call));
    const count = (status: number): void =>
      api.metrics.answered('GRPC', path, status, (performance.now() - start) / 1_000);
    return {
      ...{ requestId, address, path },
      answered: () => count(200),
      failed: (error) => {
        const answer = answerError(error, { request_id: requestId, method: 'GRPC', path }, address);
        count(answer.status);
        return failureOf(error, answer, requestId);
      },
    };
  };
  const callerOf: Calls['callerOf'] = async ({ metadata }, { path, address }, route) => {
    const shown = await identifyCall(api, { metadata, path, address });
    const access = accessOf[route];
    if (access !== 'everybody') refuseUnlessAllowed(shown.claim.caller, access);
    return shown;
  };
  const answer = async <Request, Response>(
    call: ServerUnaryCall<Request, Response>,
    callback: sendUnaryData<Response>,
    run: (asking: Asking) => Promise<Response>,
  ): Promise<void> => {
    const asking = begin(call);
    try {
      const response = await run(asking);
      asking.answered();
      const trailer = new Metadata();
      trailer.set('x-request-id', asking.requestId);
      callback(null, response, trailer);
    } catch (error) {
      callback(asking.failed(error));
    }
  };
  return {
    begin,
    callerOf,
    forCallers:
      (route, run, ordersIn = () => 1) =>
      (call, callback) =>
        void answer(call, callback, async (asking) => {
          const { claim } = await callerOf(call, asking, route);
          assertRead(call.request);
          await api.limits.countCaller(route, claim, ordersIn(call.request));
          return run(call.request, { caller: claim.caller, requestId: asking.requestId });
        }),
    forAll: (run) => (call, callback) =>
      void answer(call, callback, async ({ address }) => {
        await api.limits.countAddress(address);
        assertRead(call.request);
        return run(call.request);
      }),
  };
}

function asRequest(call: AnyCall): Parameters<ClientAddress['of']>[0] {
  const remoteAddress = call.getPeer().replace(/:\d+$/, '');
  return {
    headers: { 'x-forwarded-for': textIn(call.metadata, 'x-forwarded-for') },
    socket: { remoteAddress },
  };
}
