import { crc32 } from 'node:zlib';
import type { Product } from '../../core/product.ts';
import { formatAmount } from '../../core/units.ts';
import type { BookSnapshot, Level } from '../market-data/market-data.ts';

const depth = 10;

/**
 * CRC-32, as an unsigned integer, of the ten best bids and then the ten best asks, each best first and written as
 * `<price>:<size>` in the decimals of the feed, with a comma between any two.
 */
export function checksumOf({ bids, asks }: Pick<BookSnapshot, 'bids' | 'asks'>, product: Product): number {
  const { tick, lot } = product;
  const text = (levels: readonly Level[]): string[] =>
    levels
      .slice(0, depth)
      .map(({ price, size }) => `${formatAmount(price, tick)}:${formatAmount(size, lot)}`);
  return crc32([...text(bids), ...text(asks)].join(','));
}
