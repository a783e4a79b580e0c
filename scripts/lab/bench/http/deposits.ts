// Gives every trader what the orders of the funded product may cost.

import type { PrivateExchange } from '../../exchange.ts';
import { traders } from '../orders.ts';
import { createPool } from '../pool.ts';

export const fundedProduct = 'VIBRANIUM-USD';
const currencies = ['USD', 'VIBRANIUM'];
const amount = '1000000';

export async function depositForAll({ port, token }: PrivateExchange): Promise<void> {
  const pool = await createPool(port, 50);
  const deposit = async (traderId: number, currency: string): Promise<void> => {
    const transfer_id = `bench-${currency}-${traderId}`;
    const body = JSON.stringify({ trader_id: traderId, currency, amount, transfer_id });
    const answer = await pool.send({ method: 'POST', path: '/deposits', token, body });
    if (answer.status !== 200) throw new Error(`a deposit was answered ${answer.status}: ${answer.body}`);
  };
  const all = Array.from({ length: traders }, (_, i) =>
    currencies.map((currency) => deposit(i + 1, currency)),
  );
  await Promise.all(all.flat());
  pool.close();
}
