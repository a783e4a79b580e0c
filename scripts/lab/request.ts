// A request with JSON, as an operator's program makes it.

export type Access = { readonly port: number; readonly token: string };
export type Call = {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly patienceMs?: number;
};
export type Answer = { readonly status: number; readonly ok: boolean; readonly body: unknown };

export async function ask(
  { port, token }: Access,
  { method = 'POST', path, body, patienceMs }: Call,
): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: patienceMs === undefined ? null : AbortSignal.timeout(patienceMs),
  });
  return { status: answer.status, ok: answer.ok, body: await answer.json() };
}

/** Throws if it is answered otherwise than well. */
export async function askFor(access: Access, call: Call): Promise<unknown> {
  const { ok, status, body } = await ask(access, call);
  if (ok) return body;
  throw new Error(`${call.path} was answered ${status}: ${JSON.stringify(body).slice(0, 300)}`);
}
