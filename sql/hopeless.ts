import { SharedSessionsError } from './session-check.ts';

/** What will not be right by itself, by SQLSTATE or what the driver says, and the sentence for it. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [
    /^(28P01|28000)$/,
    'PostgreSQL refuses the login of DATABASE_URL: check its user, password and pg_hba.conf',
  ],
  [/^3D000$/, 'PostgreSQL has no database of the name in DATABASE_URL: create it, or correct the name'],
  [
    /^(?:.*(?:SSL|certificate|self-signed|TLS).*)$/i,
    'the sslmode of DATABASE_URL cannot work with this PostgreSQL: one wants TLS and the other has none, or its certificate is not trusted',
  ],
  [
    /unsupported startup parameter/,
    'the pooler at the address of DATABASE_URL refuses settings of a session: set ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout',
  ],
  [
    /ETIMEDOUT|timeout/i,
    'something accepts connections at the address of DATABASE_URL and does not answer as PostgreSQL does',
  ],
];
/** A server that is just being set up may refuse for a moment; one that is overloaded may be silent for longer. */
const patienceMs = { refused: 10_000, silent: 60_000 };

/** The sentence to end with, if waiting for the database any longer is of no use. */
export function hopelessFor(error: unknown, waitedMs: number): string | null {
  if (error instanceof SharedSessionsError) return error.message;
  const texts = textsOf(error);
  for (const [pattern, sentence] of sentences) {
    if (!texts.some((text) => pattern.test(text))) continue;
    const isSilence = pattern.test('timeout');
    return waitedMs >= (isSilence ? patienceMs.silent : patienceMs.refused) ? sentence : null;
  }
  return null;
}

/** The codes and messages of an error and of what caused it. */
function textsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code, message, cause } = error as Error & { code?: unknown };
  return [...(typeof code === 'string' ? [code] : []), message, ...textsOf(cause)];
}
