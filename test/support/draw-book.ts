import type { BookSnapshot, Level } from '../../api/market-data/market-data.ts';

/** A book as one reads it: the worst ask on top, the worst bid at the bottom, `<price>: <remaining>#<order> ...`. */
export function drawBook({ asks, bids }: Pick<BookSnapshot, 'asks' | 'bids'>): string[] {
  return [...[...asks].reverse().map(drawLevel), '---', ...bids.map(drawLevel)];
}

function drawLevel({ price, orders }: Level): string {
  return `${price}: ${[...orders].map(({ orderId, remaining }) => `${remaining}#${orderId}`).join(' ')}`;
}
