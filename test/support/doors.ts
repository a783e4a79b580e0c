import type { Amend, Place } from '../../core/wire/commands.ts';
import type { Exchange } from './exchange.ts';
import { ask } from './graphql.ts';
import { createGrpcClient, type Message } from './grpc.ts';
import { openSocket } from './socket.ts';

/** What a client was told of its order: what became of it, or why it was refused. */
export type Told =
  | { readonly refused: string }
  | { readonly canceled: string }
  | (Record<'status' | 'filled_size' | 'executed_value', string> & {
      readonly id: string;
      readonly price: string | null;
      readonly size: string | null;
    });

/** An order that is meant, by the id that this door gave it. */
export type Named = { readonly id: string; readonly traderId: number };
export type Changes = Pick<Amend, 'price' | 'size' | 'stopPrice' | 'expireTime'>;

/** One of the ways in, used by an operator for any trader. */
export type Door = {
  readonly place: (order: Place) => Promise<Told>;
  readonly amend: (named: Named, changes: Changes) => Promise<Told>;
  readonly cancel: (named: Named) => Promise<Told>;
  readonly close: () => void;
};

const cents = (ticks: number | null): string | undefined =>
  ticks === null ? undefined : (ticks / 100).toFixed(2);
const whole = (lots: number | null): string | undefined => (lots === null ? undefined : String(lots));
/** So late that nothing expires meanwhile. */
const moment = (n: number | null): string | undefined =>
  n === null ? undefined : new Date(Date.UTC(2100, 0, 1) + n).toISOString();

/** The body of REST. */
function bodyOf(order: Place) {
  const { timeInForce, selfTradePrevention: stp, price, stop } = order;
  return {
    ...{ product_id: order.productId, trader_id: order.traderId, side: order.side },
    ...{ type: price === null ? 'market' : 'limit', price: cents(price), size: whole(order.size) },
    ...{ funds: cents(order.funds), time_in_force: price === null ? undefined : timeInForce },
    ...{ post_only: order.postOnly || undefined, stp: stp === 'none' ? undefined : stp },
    ...{ stop: stop ?? undefined, stop_price: cents(order.stopPrice), max_floor: whole(order.maxFloor) },
    ...{ expire_time: moment(order.expireTime), client_oid: order.clientOid ?? undefined },
  };
}

const changesOf = ({ price, size, stopPrice, expireTime }: Changes) => ({
  ...{ price: cents(price), size: whole(size), stop_price: cents(stopPrice) },
  expire_time: moment(expireTime),
});

function shown({ id, status, filled_size, executed_value, price, size }: Message): Told {
  return { id, status, filled_size, executed_value, price: price || null, size: size || null };
}

export function restDoor({ operator }: Exchange): Door {
  const told = ({ status, body }: { status: number; body: Message }): Told =>
    status === 200 ? shown(body) : { refused: body.message };
  return {
    place: async (order) => told(await operator.post('/orders', bodyOf(order))),
    amend: async ({ id, traderId }, changes) =>
      told(await operator.put(`/orders/${id}?trader_id=${traderId}`, changesOf(changes))),
    cancel: async ({ id, traderId }) => {
      const { status, body } = await operator.delete(`/orders/${id}?trader_id=${traderId}`);
      return status === 200 ? { canceled: body } : { refused: body.message };
    },
    close: () => {},
  };
}

export async function socketDoor({ baseUrl, operatorToken }: Exchange): Promise<Door> {
  const { send, next, close } = await openSocket(baseUrl, { token: operatorToken });
  let ids = 0;
  const call = async (method: string, params: object): Promise<Message> => {
    const id = ++ids;
    send({ id, method, params });
    return next((message) => message.id === id);
  };
  const told = ({ status, result, error }: Message): Told =>
    status === 200 ? shown(result) : { refused: error.message };
  return {
    place: async (order) => told(await call('order.place', bodyOf(order))),
    amend: async ({ id, traderId }, changes) =>
      told(await call('order.amend', { id, trader_id: traderId, ...changesOf(changes) })),
    cancel: async ({ id, traderId }) => {
      const { status, result, error } = await call('order.cancel', { id, trader_id: traderId });
      return status === 200 ? { canceled: result } : { refused: error.message };
    },
    close,
  };
}

const grpcPreventions: Record<string, string> = {
  ...{ dc: 'DECREASE_AND_CANCEL', co: 'CANCEL_OLDEST', cn: 'CANCEL_NEWEST', cb: 'CANCEL_BOTH' },
};

/** A moment as proto3 has it. */
function timestampOf(text: string | undefined): { seconds: number; nanos: number } | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 };
}

function grpcOrder(order: Place) {
  const { side, type, time_in_force, stp, stop, trader_id, expire_time, ...body } = bodyOf(order);
  return {
    ...{ ...body, trader_id: String(trader_id), expire_time: timestampOf(expire_time) },
    ...{ side: `SIDE_${side.toUpperCase()}`, type: `ORDER_TYPE_${type.toUpperCase()}` },
    ...(time_in_force ? { time_in_force: `TIME_IN_FORCE_${time_in_force}` } : {}),
    ...(stp ? { self_trade_prevention: `SELF_TRADE_PREVENTION_${grpcPreventions[stp]}` } : {}),
    ...(stop ? { stop: `STOP_${stop.toUpperCase()}` } : {}),
  };
}

const shownByGrpc = (order: Message): Told =>
  shown({ ...order, status: order.status.replace('ORDER_STATUS_', '').toLowerCase() });

export function grpcDoor({ operatorToken }: Exchange, port: number): Door {
  const { call, close } = createGrpcClient(port, operatorToken);
  return {
    place: async (order) => {
      const { code, message, answer } = await call('placeOrder', { order: grpcOrder(order) });
      return code === 0 ? shownByGrpc(answer.order) : { refused: message };
    },
    amend: async ({ id, traderId }, changes) => {
      const { expire_time, ...amounts } = changesOf(changes);
      const said = { ...amounts, expire_time: timestampOf(expire_time), trader_id: String(traderId) };
      const { code, message, answer } = await call('amendOrder', { id, ...said });
      return code === 0 ? shownByGrpc(answer.order) : { refused: message };
    },
    cancel: async ({ id, traderId }) => {
      const { code, message, answer } = await call('cancelOrder', { id, trader_id: String(traderId) });
      return code === 0 ? { canceled: answer.id } : { refused: message };
    },
    close,
  };
}

/** Places by a stream of batches of one order, and does the rest by calls. */
export function grpcStreamDoor(exchange: Exchange, port: number): Door {
  const { duplex, close } = createGrpcClient(port, exchange.operatorToken);
  const calls = grpcDoor(exchange, port);
  const stream = duplex('streamOrders');
  stream.on('error', () => {});
  let ids = 0;
  const told = ({ verdicts, refusal }: Message): Told => {
    if (refusal) return { refused: refusal.message.replace('Order at index 0: ', '') };
    const { order, message } = verdicts.results[0];
    return order ? shownByGrpc(order) : { refused: message };
  };
  return {
    ...calls,
    place: async (order) => {
      const answered = new Promise<Message>((resolve) => stream.once('data', resolve));
      stream.write({ batch_id: ++ids, orders: [grpcOrder(order)] });
      return told(await answered);
    },
    close: () => {
      stream.end();
      close();
      calls.close();
    },
  };
}

const orderFields = 'id status filledSize executedValue price size';

export function graphqlDoor({ baseUrl, operatorToken }: Exchange): Door {
  const run = async (mutation: string, variables: object): Promise<Message> => {
    const { data, errors } = await ask(baseUrl, operatorToken, mutation, { variables });
    return errors ? { refused: errors[0].message } : Object.values(data)[0];
  };
  const told = (answer: Message): Told => {
    if ('refused' in answer) return answer;
    const { status, filledSize: filled_size, executedValue: executed_value } = answer;
    return shown({ ...answer, status: status.toLowerCase(), filled_size, executed_value });
  };
  const place = `mutation ($order: NewOrder!) { placeOrder(order: $order) { ${orderFields} } }`;
  const amend = `mutation ($id: ID!, $traderId: ID, $price: Decimal, $size: Decimal, $stopPrice: Decimal, $expireTime: DateTime) {
    amendOrder(id: $id, traderId: $traderId, price: $price, size: $size, stopPrice: $stopPrice, expireTime: $expireTime) { ${orderFields} } }`;
  const cancel = 'mutation ($id: ID!, $traderId: ID) { cancelOrder(id: $id, traderId: $traderId) }';
  return {
    place: async (order) => {
      const { side, type, stp, stop, ...body } = bodyOf(order);
      const { product_id, trader_id, time_in_force, stop_price, post_only, expire_time, max_floor, ...rest } =
        body;
      const variables = {
        ...{ ...rest, productId: product_id, traderId: trader_id, postOnly: post_only },
        ...{ side: side.toUpperCase(), type: type.toUpperCase(), timeInForce: time_in_force },
        ...{ stop: stop?.toUpperCase(), stopPrice: stop_price, expireTime: expire_time, maxFloor: max_floor },
        ...{ selfTradePrevention: stp?.toUpperCase(), clientOid: body.client_oid, client_oid: undefined },
      };
      return told(await run(place, { order: variables }));
    },
    amend: async (named, changes) => {
      const { stop_price: stopPrice, expire_time: expireTime, ...amounts } = changesOf(changes);
      return told(await run(amend, { ...named, ...amounts, stopPrice, expireTime }));
    },
    cancel: async (named) => {
      const answer = await run(cancel, named);
      return typeof answer === 'string' ? { canceled: answer } : answer;
    },
    close: () => {},
  };
}
