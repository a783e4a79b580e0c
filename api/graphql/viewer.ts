import type { LedgerEntry } from '../accounts/list.ts';
import { type Account, listAccounts, listLedger } from '../accounts/list.ts';
import { presentAccount, presentLedgerEntry } from '../accounts/presentation.ts';
import type { Caller } from '../auth/caller.ts';
import { traderOf } from '../auth/traders.ts';
import { listFills } from '../fills/list.ts';
import { queryOf } from '../http/query.ts';
import { listOrders } from '../orders/list.ts';
import { orderByName } from '../orders/requests.ts';
import { builder } from './builder.ts';
import { stateFor } from './context.ts';
import { FillRef, OrderRef, showOrder } from './orders.ts';
import { connectionOf, lengthOf } from './pages.ts';
import { OrderStatusRef } from './words.ts';

/** Whose things are shown: the caller's own, or those of the trader that staff names. */
export type Viewer = { readonly caller: Caller; readonly traderId: string | null };

type ShownEntry = ReturnType<typeof presentLedgerEntry>;

const LedgerEntryRef = builder.objectRef<ShownEntry>('LedgerEntry').implement({
  description: 'What changed an account.',
  fields: (t) => ({
    id: t.exposeID('id'),
    type: t.exposeString('type', { description: 'match, transfer and so on.' }),
    amount: t.expose('amount', { type: 'Decimal' }),
    balance: t.expose('balance', { type: 'Decimal', description: 'After it.' }),
    time: t.field({ type: 'DateTime', resolve: (entry) => entry.created_at }),
    orderId: t.id({ nullable: true, resolve: ({ details }) => textIn(details, 'order_id') }),
    productId: t.id({ nullable: true, resolve: ({ details }) => textIn(details, 'product_id') }),
    transferId: t.id({ nullable: true, resolve: ({ details }) => textIn(details, 'transfer_id') }),
  }),
});

function textIn(details: object, name: string): string | null {
  const value = (details as Record<string, unknown>)[name];
  return value == null ? null : String(value);
}

const AccountRef = builder.objectRef<Account>('Account').implement({
  description: 'What a trader has in a currency.',
  fields: (t) => {
    const show = ({ traderId, currency, sums }: Account) => presentAccount(traderId, currency, sums);
    return {
      id: t.id({ resolve: (account) => show(account).id }),
      currency: t.string({ resolve: ({ currency }) => currency.currency }),
      balance: t.field({ type: 'Decimal', resolve: (account) => show(account).balance }),
      available: t.field({ type: 'Decimal', resolve: (account) => show(account).available }),
      hold: t.field({ type: 'Decimal', resolve: (account) => show(account).hold }),
      ledger: t.connection({
        type: LedgerEntryRef,
        complexity: (args) => ({ field: 10, multiplier: lengthOf(args) }),
        resolve: async (account, args, context) => {
          const state = await stateFor(context, 'GET /accounts/:id/ledger');
          return connectionOf(args, (query) => listLedger(context.api, state, show(account).id, query), {
            fields: { trader_id: String(account.traderId) },
            nodeOf: ({ entry, currency }: LedgerEntry) => presentLedgerEntry(entry, currency),
          });
        },
      }),
    };
  },
});

export const ViewerRef = builder.objectRef<Viewer>('Viewer').implement({
  description: 'What belongs to a trader: the caller, or the one that an operator or auditor names.',
  fields: (t) => ({
    role: t.string({ resolve: ({ caller }) => caller.role }),
    traderId: t.id({
      nullable: true,
      resolve: ({ caller, traderId }) =>
        caller.traderId === null && traderId === null
          ? null
          : String(traderOf(caller, traderId === null ? null : Number(traderId))),
    }),
    order: t.field({
      type: OrderRef,
      args: { id: t.arg.id({ required: true, description: 'Or `client:` and its client order id.' }) },
      complexity: 5,
      resolve: async ({ traderId }, { id }, context) => {
        const state = await stateFor(context, 'GET /orders/:id');
        const asked = { id: String(id), traderId: traderId === null ? null : Number(traderId) };
        return { shown: (await orderByName(context.api, state, asked)).body, record: null };
      },
    }),
    orders: t.connection({
      type: OrderRef,
      args: {
        productId: t.arg.id(),
        status: t.arg({ type: [OrderStatusRef], description: 'Open and active orders if not given.' }),
      },
      complexity: (args) => ({ field: 10, multiplier: lengthOf(args) }),
      resolve: async ({ traderId }, args, context) => {
        const state = await stateFor(context, 'GET /orders');
        return connectionOf(args, (query) => listOrders(context.api, state, query), {
          fields: {
            ...{ trader_id: traderId, product_id: args.productId },
            status: args.status?.map((status) => status.toLowerCase()),
          },
          nodeOf: (record) => showOrder(context, record),
        });
      },
    }),
    fills: t.connection({
      type: FillRef,
      args: {
        productId: t.arg.id({ description: 'One of the two must be given.' }),
        orderId: t.arg.id(),
      },
      complexity: (args) => ({ field: 10, multiplier: lengthOf(args) }),
      resolve: async ({ traderId }, args, context) => {
        const state = await stateFor(context, 'GET /fills');
        return connectionOf(args, (query) => listFills(context.api, state, query), {
          fields: { trader_id: traderId, product_id: args.productId, order_id: args.orderId },
          nodeOf: (own) => own,
        });
      },
    }),
    accounts: t.field({
      type: [AccountRef],
      complexity: { field: 10, multiplier: 5 },
      resolve: async ({ traderId }, _args, context) => {
        const state = await stateFor(context, 'GET /accounts');
        return listAccounts(context.api, state, queryOf({ trader_id: traderId }));
      },
    }),
  }),
});
