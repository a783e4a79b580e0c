import nodemailer, { type Transporter } from 'nodemailer';
import type { Config } from '../../../core/config.ts';
import { newToken, tokenDigest } from '../../../sql/tokens.ts';
import type { Api } from '../../api.ts';
import { findPersonByName, insertReset } from '../queries/people.ts';

const minutes = 60;

/** A link that sets a new password, once, within the hour. */
export async function newReset({ pool, config }: Api, personId: number) {
  const token = newToken();
  await insertReset(pool, { personId, digest: tokenDigest(token), minutes });
  const { host, port, publicUrl } = config;
  return {
    token,
    link: `${publicUrl ?? `http://${host}:${port}`}/#reset=${token}`,
    expires_at: new Date(Date.now() + minutes * 60_000).toISOString(),
  };
}

/** Sends a text to an address. */
export type Mail = (to: string, subject: string, text: string) => Promise<void>;

/** Null without `SMTP_URL`. */
export function createMail({ smtpUrl, mailFrom: from }: Config): Mail | null {
  if (smtpUrl === undefined) return null;
  const transport: Transporter = nodemailer.createTransport(smtpUrl);
  return async (to, subject, text) => {
    await transport.sendMail({ from, to, subject, text });
  };
}

/** Mails a link to a person whose name is an address. Nobody learns from it whether there is such a person. */
async function mailReset(api: Api, mail: Mail, name: string): Promise<void> {
  const person = await findPersonByName(api.pool, name);
  if (!person?.name.includes('@')) return;
  const { link } = await newReset(api, person.personId);
  const text = `Somebody asked for a new password for ${person.name} at Cardstock.\n\nSet it here within ${minutes} minutes:\n${link}\n\nIf it was not you, nothing needs to be done.\n`;
  await mail(person.name, 'A new password for Cardstock', text);
}

/** The answer does not wait for the mail, or its time would tell who there is. */
export function mailResetLater(api: Api, mail: Mail, name: string): void {
  mailReset(api, mail, name).catch((error) =>
    api.log.error({ error: String(error) }, 'a link for a new password could not be mailed'),
  );
}
