// Ticks and lots as the decimals that people read.

import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { formatAmount, type Increment, parseIncrement } from '../../../core/units.ts';

/** How a product's prices and sizes read. */
export type Units = { readonly price: (ticks: number) => string; readonly size: (lots: number) => string };
export type UnitsOf = (productId: string) => Units;

const productRow = z.object({ product: z.string(), tick: z.string(), lot: z.string() });
const plain: Units = { price: (ticks) => `${ticks} ticks`, size: (lots) => `${lots} lots` };

export async function loadUnits(pool: DatabasePool): Promise<UnitsOf> {
  const rows = await pool.any(sql.type(productRow)`
    select product_id as product, quote_increment as tick, base_increment as lot from products`);
  const units = new Map(
    rows.map(({ product, tick, lot }) => [product, unitsOf(parseIncrement(tick), parseIncrement(lot))]),
  );
  return (productId) => units.get(productId) ?? plain;
}

function unitsOf(tick: Increment, lot: Increment): Units {
  return { price: (ticks) => formatAmount(ticks, tick), size: (lots) => formatAmount(lots, lot) };
}
