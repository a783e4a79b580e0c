/** What frames are written to: a socket. */
export type Reader = {
  /** Writes frames to the socket at once. */
  readonly write: (frames: Buffer) => void;
};

/** Something that can be subscribed to: one channel of one subject, which is a product, a trader or all. */
export type Topic = {
  readonly subject: Subject;
  readonly channel: string;
  readonly name: string;
  readonly groups: Set<Group>;
};

/** A product by its id, a trader by its number, or `everything`. */
export type Subject = string | number;

/** Channels by subject. */
export type Wanted = ReadonlyMap<Subject, ReadonlySet<string>>;

/** The readers that have subscribed to the very same topics. What they are sent is put together once for all of them. */
type Group = {
  readonly key: string;
  readonly topics: readonly Topic[];
  readonly readers: Set<Reader>;
  waiting: Buffer[];
  /** The event that it was given last, in the richest form that it may have. */
  lastEvent: unknown;
};

/** The topics of a subject that somebody has subscribed to, by channel. */
export type Topics = ReadonlyMap<string, Topic>;

export type Hub = {
  /** Who subscribes to a channel of a subject; undefined if nobody does. */
  readonly topics: (subject: Subject) => Topics | undefined;
  readonly hasTopics: () => boolean;
  /** Gives a frame to all who subscribe. Of one event each reader has the first frame that it is offered. */
  readonly publish: (topic: Topic, frame: Buffer, event?: object) => void;
  /** Gives a frame to one reader, in its place among all others. */
  readonly send: (reader: Reader, frame: Buffer) => void;
  /** From now on the reader subscribes to these channels of subjects and no others. */
  readonly subscribe: (reader: Reader, wanted: Wanted) => void;
  readonly leave: (reader: Reader) => void;
  /** Writes what waits. Otherwise that is done at the end of the turn of the event loop: a write costs 6 µs, whatever its size. */
  readonly flush: () => void;
};

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions over one state
export function createHub(): Hub {
  const subjects = new Map<Subject, Map<string, Topic>>();
  const groups = new Map<string, Group>();
  const groupOf = new Map<Reader, Group>();
  const own = new Map<Reader, Buffer[]>();
  let dirty: Group[] = [];
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  };
  const flush = (): void => {
    isScheduled = false;
    const written = dirty;
    dirty = [];
    for (const group of written) {
      const frames = joined(group.waiting);
      group.waiting = [];
      for (const reader of group.readers) reader.write(withOwn(reader, frames));
    }
    for (const [reader, frames] of own) reader.write(joined(frames));
    own.clear();
  };
  const withOwn = (reader: Reader, frames: Buffer): Buffer => {
    const before = own.size === 0 ? undefined : own.get(reader);
    if (!before) return frames;
    own.delete(reader);
    return joined([...before, frames]);
  };
  const topicOf = (subject: Subject, channel: string): Topic => {
    let topics = subjects.get(subject);
    if (!topics) {
      topics = new Map();
      subjects.set(subject, topics);
    }
    let topic = topics.get(channel);
    if (!topic) {
      topic = { subject, channel, name: `${subject} ${channel}`, groups: new Set() };
      topics.set(channel, topic);
    }
    return topic;
  };
  const leave = (reader: Reader): void => {
    own.delete(reader);
    const group = groupOf.get(reader);
    if (!group) return;
    groupOf.delete(reader);
    group.readers.delete(reader);
    if (group.readers.size > 0) return;
    groups.delete(group.key);
    for (const topic of group.topics) topic.groups.delete(group);
    forgetUnused(subjects, group.topics);
  };
  const join = (reader: Reader, topics: readonly Topic[]): void => {
    const key = topics.map(({ name }) => name).join('\n');
    let group = groups.get(key);
    if (!group) {
      group = { key, topics, readers: new Set(), waiting: [], lastEvent: null };
      groups.set(key, group);
      for (const topic of topics) topic.groups.add(group);
    }
    group.readers.add(reader);
    groupOf.set(reader, group);
  };

  return {
    topics: (subject) => subjects.get(subject),
    hasTopics: () => subjects.size > 0,
    publish: (topic, frame, event) => {
      for (const group of topic.groups) {
        if (event !== undefined) {
          if (group.lastEvent === event) continue;
          group.lastEvent = event;
        }
        if (group.waiting.length === 0) dirty.push(group);
        group.waiting.push(frame);
      }
      schedule();
    },
    send: (reader, frame) => {
      const frames = own.get(reader);
      if (frames) frames.push(frame);
      else own.set(reader, [frame]);
      schedule();
    },
    subscribe: (reader, wanted) => {
      flush(); // what waits is of the time before
      leave(reader);
      const names = [...wanted].flatMap(([subject, channels]) =>
        [...channels].map((channel) => [subject, channel] as const),
      );
      if (names.length === 0) return;
      const topics = names.map(([subject, channel]) => topicOf(subject, channel));
      join(
        reader,
        topics.sort((one, other) => (one.name < other.name ? -1 : 1)),
      );
    },
    leave,
    flush,
  };
}

function joined(frames: readonly Buffer[]): Buffer {
  return frames.length === 1 ? frames[0]! : Buffer.concat(frames);
}

function forgetUnused(subjects: Map<Subject, Map<string, Topic>>, topics: readonly Topic[]): void {
  for (const { subject, channel, groups } of topics) {
    if (groups.size > 0) continue;
    const ofSubject = subjects.get(subject);
    ofSubject?.delete(channel);
    if (ofSubject?.size === 0) subjects.delete(subject);
  }
}
