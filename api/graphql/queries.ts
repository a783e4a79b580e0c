import { z } from 'zod';
import { readBody, traderIdField } from '../http/body.ts';
import { builder } from './builder.ts';
import { stateFor } from './context.ts';
import { lengthOf } from './pages.ts';
import { ProductRef } from './products.ts';
import { ViewerRef } from './viewer.ts';

/** An id is any text. */
const viewerScope = z.object({ trader_id: traderIdField.optional() });

builder.queryType({
  fields: (t) => ({
    product: t.field({
      type: ProductRef,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, { api }) => api.catalogue.product(String(id)) ?? null,
    }),
    products: t.connection({
      type: ProductRef,
      complexity: (args) => ({ field: 1, multiplier: lengthOf(args) }),
      resolve: (_root, args, { api }) => {
        const all = api.catalogue.products();
        const indexOf = (id: string): number => all.findIndex(({ productId }) => productId === id);
        const length = lengthOf(args);
        const end = args.before == null ? all.length : Math.max(0, indexOf(args.before));
        const start =
          args.after != null ? indexOf(args.after) + 1 : args.before != null ? Math.max(0, end - length) : 0;
        const shown = all.slice(start, Math.min(end, start + length));
        const edges = shown.map((product) => ({ cursor: product.productId, node: product }));
        return {
          edges,
          pageInfo: {
            startCursor: edges[0]?.cursor ?? null,
            endCursor: edges.at(-1)?.cursor ?? null,
            hasNextPage: start + shown.length < all.length,
            hasPreviousPage: start > 0,
          },
        };
      },
    }),
    viewer: t.field({
      type: ViewerRef,
      description: 'Whose operation it is.',
      args: { traderId: t.arg.id({ description: 'For operators and auditors: the trader to look at.' }) },
      resolve: async (_root, { traderId }, context) => {
        const { caller } = await stateFor(context, 'GET /users/self/verify');
        const { trader_id: asked } = readBody(viewerScope, traderId == null ? {} : { trader_id: traderId });
        return { caller, traderId: asked === undefined ? null : String(asked) };
      },
    }),
  }),
});
