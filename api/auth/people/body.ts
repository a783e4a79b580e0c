import { z } from 'zod';
import { must, objectError, traderIdField } from '../../http/body.ts';
import { roles } from '../permissions.ts';

const nameRule = 'must be 1 to 64 letters, digits and . _ @ + -, beginning with a letter or digit';

export const nameField = z
  .string(must('must be text'))
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/, nameRule);

/** As NIST SP 800-63B has it: length counts, and nothing else is asked for. */
export const newPasswordField = z
  .string(must('must be text'))
  .min(8, 'must have at least 8 letters')
  .max(256, 'must have at most 256 letters');

/** What is compared with a stored one. */
export const passwordField = z.string(must('must be text')).min(1, 'required').max(256, 'is too long');

export const codeField = z
  .string(must('must be text'))
  .regex(/^[0-9A-Za-z-]{6,24}$/, 'must be a code of 6 digits, or a recovery code');

export const newPersonBody = z.object(
  {
    name: nameField,
    password: newPasswordField,
    role: z.enum(roles, must(`must be ${roles.join(', ')}`)).default('trader'),
    trader_id: traderIdField.optional(),
  },
  objectError,
);

export const newPasswordBody = z.object(
  { old_password: passwordField, new_password: newPasswordField },
  objectError,
);

export const resetRequestBody = z.object({ name: nameField }, objectError);
export const resetBody = z.object(
  { token: z.string(must('must be text')).max(64, 'is too long'), password: newPasswordField },
  objectError,
);
export const resetLinkBody = z.object({ trader_id: traderIdField.optional() }, objectError);

export const passwordBody = z.object({ password: passwordField }, objectError);
export const codeBody = z.object({ totp: codeField }, objectError);
export const passwordAndCodeBody = z.object({ password: passwordField, totp: codeField }, objectError);
