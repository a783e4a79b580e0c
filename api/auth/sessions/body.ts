import { z } from 'zod';
import { must, objectError, traderIdField } from '../../http/body.ts';
import { codeField, nameField, passwordField } from '../people/body.ts';

const text = z.string(must('must be text')).min(1, 'required').max(256, 'is too long');

/** By name and password, or by an API key. */
export const newSessionBody = z.union([
  z.object({ key: text, secret: text, passphrase: text }),
  z.object({ name: nameField, password: passwordField, totp: codeField.optional() }, objectError),
]);
export type NewSessionBody = z.output<typeof newSessionBody>;

export const demoBody = z.object({ trader_id: traderIdField.default(1) }, objectError);
