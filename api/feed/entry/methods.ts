import { z } from 'zod';
import type { Api } from '../../api.ts';
import type { RouteName } from '../../auth/permissions.ts';
import { BadRequest } from '../../errors.ts';
import { objectError, readBody } from '../../http/body.ts';
import { readQuery } from '../../http/query.ts';
import { readScope, type Scope } from '../../http/scope.ts';
import {
  type Asked,
  amendByBody,
  amendByList,
  cancelAll,
  cancelByList,
  cancelByName,
  type OrderAnswer,
  orderByName,
  placeBatch,
  placeByBody,
} from '../../orders/requests.ts';

/** A method is a route by another transport: the same permission, the same body, the same answer. */
export type Method = {
  readonly route: RouteName;
  readonly run: (api: Api, asked: Asked, params: unknown) => Promise<OrderAnswer>;
};

export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['order.place', { route: 'POST /orders', run: placeByBody }],
  [
    'order.cancelBatch',
    {
      route: 'DELETE /orders/batch',
      run: (api, { state }, params) => cancelByList(api, state, ownList(params)),
    },
  ],
  [
    'order.amendBatch',
    { route: 'PUT /orders/batch', run: (api, { state }, params) => amendByList(api, state, ownList(params)) },
  ],
  ['order.batch', { route: 'POST /orders/batch', run: placeBatch }],
  [
    'order.get',
    {
      route: 'GET /orders/:id',
      run: (api, { state }, params) =>
        orderByName(api, state, { id: idIn(params), traderId: scopeIn(api, params).traderId }),
    },
  ],
  [
    'order.amend',
    {
      route: 'PUT /orders/:id',
      run: (api, { state }, params) => {
        const traderId = () => scopeIn(api, params).traderId;
        return amendByBody(api, state, { id: idIn(params), traderId, body: params });
      },
    },
  ],
  [
    'order.cancel',
    {
      route: 'DELETE /orders/:id',
      run: (api, { state }, params) =>
        cancelByName(api, state, { id: idIn(params), scope: () => scopeIn(api, params) }),
    },
  ],
  [
    'order.cancelAll',
    {
      route: 'DELETE /orders',
      run: (api, { state }, params) => cancelAll(api, state, scopeIn(api, params)),
    },
  ],
]);

const named = z.object(
  { id: z.union([z.string().max(128), z.number()], { error: 'required' }) },
  objectError,
);

const ownList = (body: unknown) => ({ traderId: null, body });

/** What a path names in REST. */
function idIn(params: unknown): string {
  return String(readBody(named, params).id);
}

/** What REST says in a query. */
function scopeIn({ catalogue }: Api, params: unknown): Scope {
  if (typeof params !== 'object' || params === null || Array.isArray(params))
    throw new BadRequest('Invalid body: must be a JSON object');
  return readScope(catalogue, readQuery(''), params);
}
