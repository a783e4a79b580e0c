import { permissionsOf } from '../permissions.ts';
import type { SessionRow } from '../queries/sessions.ts';

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

export function presentSession(row: SessionRow, currentId: number | null) {
  return {
    id: String(row.tokenId),
    ...(row.traderId === null ? {} : { trader_id: String(row.traderId) }),
    name: row.name,
    role: row.role,
    permissions: row.permissions ?? [...permissionsOf[row.role]],
    current: row.tokenId === currentId,
    address: row.address,
    user_agent: row.agent,
    created_at: iso(row.createdAt),
    expires_at: iso(row.expiresAt),
    last_used_at: iso(row.lastUsedAt),
  };
}
