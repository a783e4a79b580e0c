// Holds the books that the api shows against the open orders in PostgreSQL.

import type { Finding } from './findings.ts';
import { until } from './look.ts';
import type { Scene } from './stage.ts';
import type { OrderRow, Stored } from './stored.ts';

type Book = { readonly bids: readonly string[][]; readonly asks: readonly string[][] };

/** In `whileSettled`: a command between the two would be in one alone. */
export async function compareBooks(
  { port, products }: Pick<Scene, 'port' | 'products'>,
  { orders }: Stored,
  during: string,
): Promise<Finding[]> {
  const open = orders
    .values()
    .filter(({ status }) => status === 'open')
    .toArray();
  const findings: Finding[] = [];
  for (const { productId } of products) {
    const { bids, asks } = await bookOf(port, productId);
    const shown = [...bids, ...asks]
      .map(([price, size, id]) => lineOf(id!, Number(price) * 100, size!))
      .sort();
    const stored = open
      .filter((row) => row.product_id === productId)
      .map(lineOfRow)
      .sort();
    if (shown.join() === stored.join()) continue;
    const says = `the book of ${productId} is not that of PostgreSQL: ${differenceOf(shown, stored)}`;
    findings.push({ during, says });
  }
  return findings;
}

/** The api may be building its view again. */
async function bookOf(port: number, productId: string): Promise<Book> {
  let book: Book | undefined;
  await until(`the book of ${productId}`, async () => {
    const response = await fetch(`http://127.0.0.1:${port}/products/${productId}/book?level=3`, {
      signal: AbortSignal.timeout(5_000),
    });
    if (response.ok) book = (await response.json()) as Book;
    return response.ok;
  });
  return book!;
}

function lineOfRow({ id, resting_price: price, remaining }: OrderRow): string {
  return lineOf(String(id), price!, String(remaining));
}

function lineOf(id: string, ticks: number, size: string): string {
  return `order ${id}: ${size} at ${Math.round(ticks)}`;
}

function differenceOf(shown: readonly string[], stored: readonly string[]): string {
  const [more, less] = [
    new Set(shown).difference(new Set(stored)),
    new Set(stored).difference(new Set(shown)),
  ];
  return `it shows ${[...more].slice(0, 3).join(', ') || 'nothing else'}, and lacks ${[...less].slice(0, 3).join(', ') || 'nothing'}`;
}
