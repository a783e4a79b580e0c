import { formatAmount, formatRate } from '../../core/units.ts';
import type { ListedProduct } from './catalogue.ts';
import type { CurrencyRow } from './queries/load-currencies.ts';

/** A part per million, shown with the eight places of the dialect. */
const slippageStep = { digits: 8, units: 100 };

export function presentProduct(product: ListedProduct) {
  const { tick, lot, quoteUnit, status } = product;
  return {
    id: product.productId,
    base_currency: product.baseCurrency,
    quote_currency: product.quoteCurrency,
    display_name: `${product.baseCurrency}/${product.quoteCurrency}`,
    quote_increment: formatAmount(1, tick),
    base_increment: formatAmount(1, lot),
    min_price: formatAmount(product.minPrice, tick),
    max_price: formatAmount(product.maxPrice, tick),
    base_min_size: formatAmount(product.minSize, lot),
    base_max_size: formatAmount(product.maxSize, lot),
    min_market_funds: formatAmount(product.minFunds, quoteUnit),
    max_market_funds: formatAmount(product.maxFunds, quoteUnit),
    maker_fee_rate: formatRate(product.fees.maker),
    taker_fee_rate: formatRate(product.fees.taker),
    price_collar: formatRate(product.collar),
    collar_halts: product.row.collarHalts,
    stp: product.selfTradePrevention,
    max_makers: product.row.maxMakers,
    funded: product.funding !== null,
    status: status === 'offline' ? 'offline' : 'online',
    status_message: '',
    cancel_only: status === 'cancel_only',
    trading_disabled: status === 'offline',
    margin_enabled: false,
    post_only: false,
    limit_only: false,
    fx_stablecoin: false,
    auction_mode: status === 'auction',
    max_slippage_percentage: formatAmount(product.collar, slippageStep),
  };
}

export function presentCurrency({ currency, name, kind, increment }: CurrencyRow) {
  return {
    id: currency,
    name,
    display_name: name,
    min_size: increment,
    max_precision: increment,
    status: 'online',
    convertible_to: [],
    details: {
      type: kind,
      symbol: kind === 'fiat' && currency === 'USD' ? '$' : currency,
      network_confirmations: 0,
      sort_order: 0,
      push_payment_methods: [],
      min_withdrawal_amount: 0,
      max_withdrawal_amount: 0,
    },
    default_network: '',
    supported_networks: [],
  };
}
