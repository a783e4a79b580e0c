/** A message as it is sent. Its id is the same however often it is, so that the receiver can drop what it has. */
export type Outgoing = {
  readonly noticeId: number;
  readonly messageId: string;
  readonly event: string;
  readonly body: string;
};
