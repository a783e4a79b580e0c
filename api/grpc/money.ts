import { listAccounts } from '../accounts/list.ts';
import { presentAccount } from '../accounts/presentation.ts';
import type { Api } from '../api.ts';
import { listFills } from '../fills/list.ts';
import { presentFill } from '../fills/presentation.ts';
import { queryOf } from '../http/query.ts';
import type { Calls } from './calls.ts';
import type { ExchangeServer } from './generated/cardstock/v1/exchange.ts';
import type { Fill } from './generated/cardstock/v1/orders.ts';
import { cursorsMessage, pageFields } from './pages.ts';
import { liquidities, sides } from './words.ts';

/** What a trader traded, and what it has. */
export function moneyCalls(
  api: Api,
  { forCallers }: Calls,
): Pick<ExchangeServer, 'listFills' | 'listAccounts'> {
  return {
    listFills: forCallers('GET /fills', async (asked, state) => {
      const { product_id, order_id } = asked;
      const query = queryOf({
        ...pageFields(asked),
        product_id,
        order_id,
      });
      const fills = await listFills(api, state, query);
      const present = (own: (typeof fills.rows)[number]) =>
        fillMessage(presentFill(own.fill, own.traderId, own.product));
      return { fills: fills.rows.map(present), cursors: cursorsMessage(fills) };
    }),
    listAccounts: forCallers('GET /accounts', async ({ trader_id }, state) => {
      const query = queryOf({ trader_id });
      const accounts = await listAccounts(api, state, query);
      return {
        accounts: accounts.map(({ traderId, currency, sums }) => {
          const { id, balance, available, hold } = presentAccount(traderId, currency, sums);
          return {
            ...{ id, balance, available, hold },
            currency: currency.currency,
            trader_id: `${traderId}`,
          };
        }),
      };
    }),
  };
}

function fillMessage(fill: ReturnType<typeof presentFill>): Fill {
  const { trade_id, product_id, order_id, price, size, fee, created_at } = fill;
  return {
    ...{ trade_id, product_id, order_id, price, size, fee, created_at },
    trader_id: fill.profile_id,
    liquidity: liquidities.numberOf(fill.liquidity),
    side: sides.numberOf(fill.side),
  };
}
