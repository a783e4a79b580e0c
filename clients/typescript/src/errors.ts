/** The exchange refused: nothing changed. `message` is its own text. */
export class ExchangeError extends Error {
  override name = 'ExchangeError';
  readonly status: number;
  /** Names the request in the exchange's log and in `npm run trace`. */
  readonly requestId: string | null;

  constructor(message: string, { status, requestId }: { status: number; requestId: string | null }) {
    super(message);
    this.status = status;
    this.requestId = requestId;
  }
}

/** No answer came, however often it was asked: what was sent may have been done. */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown';
}
