import { type Access, ask } from './request.ts';

export type Question = {
  readonly productId: string;
  /** How many there are behind the address, each of which is asked in its turn. */
  readonly apis: number;
  readonly patienceMs?: number;
};

/** Whether every api has the product: one that was added comes within a second. */
export async function isKnown(access: Access, { productId, apis, ...bound }: Question): Promise<boolean> {
  const call = { method: 'GET', path: `/products/${productId}/book`, ...bound };
  const asked = Array.from({ length: 4 * apis }, () => ask(access, call));
  return (await Promise.all(asked)).every(({ ok }) => ok);
}
