import type { z } from 'zod';
import type { Queries } from '../../sql/with-timeout.ts';
import type { Api } from '../api.ts';
import { BadRequest } from '../errors.ts';
import { queryOf } from '../http/query.ts';
import { listTrades } from '../market-data/list.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import type { newLinkBody } from './body.ts';
import { drawn } from './drawn.ts';
import { findCode, insertLink } from './queries/links.ts';

const mostLinks = 1_000;
const codeLetters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 218 million million codes: nobody finds a link by trying. */
const codeLength = 8;
const attempts = 3;

export const codePattern = /^[0-9A-Za-z]{8}$/;

/** What the page's address says behind `#/` of a product, and of what is to be seen of it. */
export async function targetOf(api: Api, body: z.output<typeof newLinkBody>): Promise<string> {
  const { product_id, granularity, start, end, trade_id } = body;
  const product = api.catalogue.product(product_id);
  if (!product) throw new BadRequest('Product not found');
  if (trade_id !== undefined && !(await hasTraded(api, product, trade_id)))
    throw new BadRequest('Invalid trade_id: there is no such trade');
  const query = new URLSearchParams();
  if (granularity !== undefined) query.set('granularity', String(granularity));
  if (start !== undefined && end !== undefined) {
    query.set('start', new Date(start).toISOString());
    query.set('end', new Date(end).toISOString());
  }
  if (trade_id !== undefined) query.set('trade_id', String(trade_id));
  return query.size === 0 ? product_id : `${product_id}?${query}`;
}

async function hasTraded(api: Api, product: ListedProduct, tradeId: number): Promise<boolean> {
  const { rows } = await listTrades(api, product, queryOf({ after: tradeId + 1, limit: 1 }));
  return rows[0]?.tradeId === tradeId;
}

/** The code of a target, whoever had it made first. Throws `BadRequest` for a trader who has made too many. */
export async function linkTo(pool: Queries, traderId: number, target: string): Promise<string> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const known = await findCode(pool, target);
    if (known !== null) return known;
    const code = drawn(codeLetters, codeLength);
    if (await insertLink(pool, { code, traderId, target }, mostLinks)) return code;
  }
  throw new BadRequest(`You have made ${mostLinks} links, which is as many as a trader may`);
}
