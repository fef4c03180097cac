/**
 * Runs work of one lane one after another, and that of different lanes at the same time: events of one partition keep
 * their order, and one that is tried again holds up no other partition.
 */
export class Lanes {
  private readonly last = new Map<string, Promise<void>>();
  private readonly running = new Set<Promise<void>>();

  /** @param most pieces of work that wait or run, before `add` waits */
  constructor(private readonly most: number) {}

  /**
   * Adds work to a lane, and waits while there is too much of it.
   * @param work must not reject
   */
  public async add(lane: string, work: () => Promise<void>): Promise<void> {
    const done = (this.last.get(lane) ?? Promise.resolve()).then(work).finally(() => {
      this.running.delete(done);
    });
    this.last.set(lane, done);
    this.running.add(done);
    while (this.running.size >= this.most) {
      await Promise.race(this.running);
    }
  }

  /** Resolves when all work is done. */
  public async idle(): Promise<void> {
    await Promise.all(this.running);
  }
}
