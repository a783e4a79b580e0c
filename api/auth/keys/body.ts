import { isIP } from 'node:net';
import { z } from 'zod';
import { must, objectError, traderIdField } from '../../http/body.ts';
import { permissions, roles } from '../permissions.ts';

const dateRule = 'must be an ISO 8601 time in the future, with its zone';

/** `address` or `address/bits`. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (most < 0 || text.includes('%') || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}

export const newKeyBody = z.object(
  {
    label: z.string(must('must be text')).max(64, 'must be at most 64 letters').default(''),
    permissions: z
      .array(z.enum(permissions, must(`must be of ${permissions.join(', ')}`)), must('must be a list'))
      .min(1, 'must have at least one')
      .max(permissions.length, 'must have each one once'),
    allowed_addresses: z
      .array(
        z.string(must('must be text')).refine(isNetwork, 'must be an address or a network, as 10.0.0.0/8'),
        {
          error: 'must be a list',
        },
      )
      .max(64, 'must be at most 64')
      .default([]),
    expires_at: z.iso
      .datetime({ offset: true, error: dateRule })
      .refine((text) => Date.parse(text) > Date.now(), dateRule)
      .optional(),
    trader_id: traderIdField.optional(),
    role: z.enum(roles, must(`must be ${roles.join(', ')}`)).optional(),
  },
  objectError,
);
export type NewKeyBody = z.output<typeof newKeyBody>;
