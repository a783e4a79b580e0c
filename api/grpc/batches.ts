import type { Api } from '../api.ts';
import type { Claim } from '../auth/callers.ts';
import { acceptanceOf, batchBodyOf, batchOutcomes, prepareBatch, submitBatch } from '../orders/batch.ts';
import type { Asking } from './calls.ts';
import type { Failure } from './failures.ts';
import {
  AnswerWith,
  type Refusal,
  type StreamOrdersRequest,
  type StreamOrdersResponse,
} from './generated/cardstock/v1/orders.ts';
import { acceptanceMessage, placeBody, resultMessage } from './orders.ts';

type Parts = {
  readonly api: Api;
  readonly claim: Claim;
  readonly begin: () => Asking;
  /** Resolves when the message is on its way. */
  readonly send: (message: StreamOrdersResponse) => Promise<void>;
};

type Answer = NonNullable<StreamOrdersResponse['answer']>;

/** Takes the batches of one stream, in their order. What it returns resolves when all that is wanted of a batch was sent. */
export function createBatches(parts: Parts): (batch: StreamOrdersRequest) => Promise<void> {
  const { api, send, begin } = parts;
  const accept = createAccept(parts);
  const acceptances = createLane(send);
  const verdicts = createLane(send);
  return async (message) => {
    const { batch_id, answer_with } = message;
    const asking = begin();
    const accepted = accept(message, asking.requestId);
    const wantsAcceptance = answer_with === AnswerWith.ACCEPTANCE || answer_with === AnswerWith.BOTH;
    const wantsVerdicts = answer_with !== AnswerWith.ACCEPTANCE;
    const refused = (error: unknown): Answer => ({
      $case: 'refusal',
      value: refusalMessage(asking.failed(error)),
    });
    const acceptance = async (): Promise<Answer> => {
      const value = acceptanceMessage(await acceptanceOf(api, (await accepted).taken));
      return { $case: 'acceptance', value };
    };
    const verdict = async (): Promise<Answer> => {
      const { batch, taken } = await accepted;
      const results = (await batchOutcomes(api, batch.orders, taken)).map(resultMessage);
      return { $case: 'verdicts', value: { results } };
    };
    const sending = [];
    if (wantsAcceptance) sending.push(acceptances(batch_id, acceptance().catch(refused)));
    if (wantsVerdicts)
      sending.push(
        // One that was refused was told so already.
        verdicts(batch_id, wantsAcceptance ? verdict().catch(() => null) : verdict().catch(refused)),
      );
    await accepted.then(asking.answered, () => {});
    await Promise.all(sending);
  };
}

/** What is looked up for batches is looked up at the same time; they are submitted one after the other. */
function createAccept({ api, claim }: Parts) {
  let before: Promise<void> = Promise.resolve();
  return async ({ orders, all_or_none }: StreamOrdersRequest, requestId: string) => {
    const { promise, resolve: submitted } = Promise.withResolvers<void>();
    const turn = before;
    before = promise;
    try {
      await api.limits.countCaller('POST /orders/batch', claim, orders.length);
      const state = { caller: claim.caller, requestId };
      const batch = await prepareBatch(api, state, batchBodyOf(orders.map(placeBody), all_or_none));
      await turn;
      const taking = submitBatch(api, batch);
      submitted();
      return { batch, taken: await taking };
    } finally {
      void turn.then(submitted);
    }
  };
}

/** Sends answers in the order in which they were asked for, each as soon as it and all before it are there. */
function createLane(send: Parts['send']) {
  let last: Promise<void> = Promise.resolve();
  return (batch_id: number, answer: Promise<Answer | null>): Promise<void> => {
    const before = last;
    const sendInTurn = async (): Promise<void> => {
      await before;
      const ready = await answer;
      if (ready) await send({ batch_id, answer: ready });
    };
    last = sendInTurn();
    return last;
  };
}

function refusalMessage({ code, details, metadata }: Failure): Refusal {
  const [after] = metadata.get('retry-after');
  return { code, message: details, retry_after_seconds: Number(after ?? 0) };
}
