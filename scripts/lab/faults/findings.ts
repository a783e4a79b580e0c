// What a run found wrong.

/** What is wrong, in words that name order and request, and the kind of the fault before the request. */
export type Finding = { readonly during: string; readonly says: string };

export type Findings = {
  /** It was answered, and is not there. */
  readonly lost: Finding[];
  /** It was sent once, and is there more than once. */
  readonly doubled: Finding[];
  /** It is there, and not as it was answered. */
  readonly contradicted: Finding[];
};

export function newFindings(): Findings {
  return { lost: [], doubled: [], contradicted: [] };
}
