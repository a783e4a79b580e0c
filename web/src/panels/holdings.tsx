import { trimZeros } from '../money/decimal.ts';
import { grouped } from '../money/format.ts';
import { accounts, positions } from '../state/orders.ts';
import { product } from '../state/products.ts';
import { isTrader } from '../state/session.ts';

/** What the trader has of the product's two currencies. */
export function Holdings() {
  const shown = product.value;
  if (!shown || !isTrader.value) return null;
  const { base_currency, quote_currency, funded, id } = shown;
  const position = positions.value.find(({ product_id }) => product_id === id);
  const account = (currency: string) => accounts.value.find((one) => one.currency === currency);
  const rows = funded
    ? [base_currency, quote_currency].map((currency) => {
        const { balance = '0', hold = '0' } = account(currency) ?? {};
        return { currency, balance, note: /[1-9]/.test(hold) ? `${grouped(trimZeros(hold))} on hold` : '' };
      })
    : [
        { currency: base_currency, balance: position?.base ?? '0', note: 'net' },
        { currency: quote_currency, balance: position?.quote ?? '0', note: 'net' },
      ];
  return (
    <section class="holdings" aria-label={funded ? 'Your balance' : 'Your position'}>
      <h3>{funded ? 'Your balance' : 'Your position'}</h3>
      <dl>
        {rows.map(({ currency, balance, note }) => (
          <div key={currency}>
            <dt>{currency}</dt>
            <dd class={funded ? '' : balance.startsWith('-') ? 'sell' : /[1-9]/.test(balance) ? 'buy' : ''}>
              {grouped(trimZeros(balance))} <small>{note}</small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
