/**
 * Sends messages one batch after another, in the order in which they were given. An idempotent producer that has several
 * requests under way loses their order when one is repeated. What is given while a batch is under way goes with the next,
 * so that many small calls make few requests.
 */
export interface Batch<M> {
  topic: string;
  messages: M[];
}

interface Entry<M> {
  topic: string;
  message: M;
  bytes: number;
  settle: (error?: unknown) => void;
}

export class SendQueue<M> {
  private readonly entries: Entry<M>[] = [];
  private sending: Promise<void> | undefined;

  /** @param maxBytes of the messages in a batch; a larger message goes alone */
  constructor(
    private readonly send: (batch: Batch<M>) => Promise<void>,
    private readonly maxBytes: number,
  ) {}

  /** @returns when all are sent. @throws the error of the first batch that was not */
  public async add(topic: string, messages: { message: M; bytes: number }[]): Promise<void> {
    const sent = messages.map(
      (sized) =>
        new Promise<void>((resolve, reject) => {
          const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error));
          this.entries.push({ topic, ...sized, settle });
        }),
    );
    this.sending ??= this.sendAll();
    await Promise.all(sent);
  }

  /** Resolves when nothing is left to send. */
  public async idle(): Promise<void> {
    await this.sending;
  }

  private async sendAll(): Promise<void> {
    // What is given in the same turn of the event loop goes with the first batch.
    await Promise.resolve();
    while (this.entries.length > 0) {
      const batch = this.entries.splice(0, this.lengthOfBatch());
      const [{ topic }] = batch;
      let failure: { error: unknown } | undefined;
      try {
        await this.send({ topic, messages: batch.map(({ message }) => message) });
      } catch (error) {
        failure = { error };
      }
      batch.forEach(({ settle }) => settle(failure?.error));
    }
    this.sending = undefined;
  }

  /** How many of the first entries are for one topic and fit into one batch; at least one. */
  private lengthOfBatch(): number {
    const [{ topic }] = this.entries;
    let bytes = 0;
    const end = this.entries.findIndex((entry) => {
      bytes += entry.bytes;
      return entry.topic !== topic || bytes > this.maxBytes;
    });
    return end === -1 ? this.entries.length : Math.max(1, end);
  }
}
