import { iso } from '../http/iso.ts';
import type { MessageRow } from './queries/messages.ts';

/** A message as everybody may see it, whoever wrote it. */
export function presentMessage({ messageId, productId, author, text, createdAt, removedAt }: MessageRow) {
  return {
    id: String(messageId),
    product_id: productId,
    author,
    text,
    created_at: iso(createdAt),
    removed_at: removedAt === null ? null : iso(removedAt),
  };
}
export type Message = ReturnType<typeof presentMessage>;
