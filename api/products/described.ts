import { z } from 'zod';
import { type Described, decimalText, statusMessage } from '../openapi/described.ts';
import { newProductBody, productChangeBody } from './body.ts';

export const product = z
  .object({
    id: z.string(),
    base_currency: z.string(),
    quote_currency: z.string(),
    display_name: z.string(),
    quote_increment: decimalText,
    base_increment: decimalText,
    min_price: decimalText,
    max_price: decimalText,
    base_min_size: decimalText,
    base_max_size: decimalText,
    min_market_funds: decimalText,
    max_market_funds: decimalText,
    maker_fee_rate: decimalText,
    taker_fee_rate: decimalText,
    price_collar: decimalText.meta({
      description: 'How far from the last trade orders may trade, as a part of its price; 0 for any distance',
    }),
    collar_halts: z
      .boolean()
      .meta({ description: 'Whether an order that meets the collar makes it `cancel_only`' }),
    stp: z.enum(['none', 'dc', 'co', 'cn', 'cb']),
    max_makers: z.int().meta({ description: 'Most makers that one command meets' }),
    funded: z.boolean(),
    status: z.enum(['online', 'offline']),
    status_message: z.string(),
    cancel_only: z.boolean(),
    trading_disabled: z.boolean(),
    margin_enabled: z.boolean(),
    post_only: z.boolean(),
    limit_only: z.boolean(),
    fx_stablecoin: z.boolean(),
    auction_mode: z.boolean(),
    max_slippage_percentage: decimalText,
  })
  .meta({ id: 'Product' });

export const currency = z
  .object({
    id: z.string(),
    name: z.string(),
    display_name: z.string(),
    min_size: decimalText,
    max_precision: decimalText,
    status: z.string(),
    convertible_to: z.array(z.string()),
    details: z.looseObject({ type: z.enum(['crypto', 'fiat']), symbol: z.string() }),
    default_network: z.string(),
    supported_networks: z.array(z.unknown()),
  })
  .meta({ id: 'Currency' });

const stored = statusMessage.extend({ id: z.string() }).meta({ id: 'ProductStored' });

export const productsDescribed = {
  'GET /products': { tag: 'Market data', summary: 'All products', answer: z.array(product) },
  'GET /products/:id': { tag: 'Market data', summary: 'A product', answer: product },
  'GET /currencies': { tag: 'Market data', summary: 'All currencies', answer: z.array(currency) },
  'GET /currencies/:id': { tag: 'Market data', summary: 'A currency', answer: currency },
  'POST /products': {
    tag: 'Operators',
    summary: 'Add a product; it trades within a second',
    body: newProductBody.meta({ id: 'NewProduct' }),
    answer: product,
    also: { 202: stored },
    example: {
      ...{ id: 'MEW-USD', quote_increment: '0.01', base_increment: '1' },
      ...{ max_price: '100.00', base_max_size: '10' },
    },
  },
  'PUT /products/:id': {
    tag: 'Operators',
    summary: 'Change the status or the limits of a product',
    body: productChangeBody.meta({ id: 'ProductChange' }),
    answer: product,
    also: { 202: stored },
    example: { max_price: '20.00' },
  },
} satisfies Record<string, Described>;
