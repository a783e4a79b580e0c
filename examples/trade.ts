// Two traders trade a card by the TypeScript client, and the buyer reads what came of it.
//
// Usage: SELLER=… BUYER=… sh scripts/node examples/trade.ts        BASE_URL=http://127.0.0.1:3000

import { createRest } from '../clients/typescript/src/rest.ts';

const { BASE_URL = 'http://127.0.0.1:3000', SELLER = '', BUYER = '' } = process.env;
const [seller, buyer] = [SELLER, BUYER].map((token) =>
  createRest({ baseUrl: BASE_URL, credentials: { token } }),
);
const product_id = 'PIKACHU-USD';

await seller!.placeOrder({ product_id, side: 'sell', price: '5.00', size: '1' });
const bought = await buyer!.placeOrder({ product_id, side: 'buy', price: '6.00', size: '1' });
process.stdout.write(`order ${bought.id} is ${bought.done_reason}, and cost ${bought.executed_value} USD\n`);

const { rows: fills } = await buyer!.fills({ order_id: bought.id });
for (const { trade_id, price, size } of fills)
  process.stdout.write(`trade ${trade_id}: ${size} at ${price}\n`);
