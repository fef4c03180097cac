/** Everything that one service connects with. Each connection is made at its first use. */
import type { CacheType, ServiceConnections } from "./connections";
import { Database } from "./database/database";
import { Consumer, type ConsumerOptions } from "./events/consumer";
import type { KafkaClientOptions } from "./events/kafka-options";
import { Producer } from "./events/producer";
import type { Log } from "./log";
import { Outbox, type OutboxOptions } from "./outbox/outbox";
import { Cache } from "./redis/cache";
import { type CacheServer, connectCache } from "./redis/cache-server";
import { ClusterConnection } from "./redis/cluster";
import type { RedisOptions } from "./redis/connection";
import { connectOne, PrimaryConnection, type SessionServer } from "./redis/primary";
import { Sessions } from "./redis/sessions";
import { readSettings, SettingsError } from "./settings";

export interface PlatformOptions {
  /** Settings to use in place of those of the environment. */
  connections?: ServiceConnections;
  /** @default console */
  log?: Log;
  /** How long a read waits for the cache before it goes to its source, in milliseconds. @default 500 */
  cacheReadLimitMs?: number;
  /** Whether the data of an event is compared with the schema of its type before it is written. @default true */
  checksEvents?: boolean;
}

export class Platform {
  /** For what the client has no function for. */
  public readonly connections: ServiceConnections;
  private readonly log: Log;
  private readonly cacheReadLimitMs: number;
  private readonly checksEvents: boolean;
  private readonly caches = new Map<CacheType, Cache<unknown>>();
  private readonly consumers: Consumer[] = [];
  private readonly outboxes: Outbox[] = [];
  private cacheServer: CacheServer | undefined;
  private sessionServer: SessionServer | undefined;
  private app: Database | undefined;
  private readonlyApp: Database | undefined;
  private events: Producer | undefined;

  /**
   * @param service its name on the platform: `user-service`
   * @throws SettingsError if the environment has no settings for it, or incomplete ones
   */
  constructor(
    private readonly service: string,
    {
      connections,
      log = console,
      cacheReadLimitMs = 500,
      checksEvents = true,
    }: PlatformOptions = {},
  ) {
    this.connections = connections ?? readSettings(service);
    this.log = log;
    this.cacheReadLimitMs = cacheReadLimitMs;
    this.checksEvents = checksEvents;
  }

  /** The service's database. */
  public database(): Database {
    this.app ??= new Database(this.connections.database, this.databaseOptions());
    return this.app;
  }

  /** The same database with a login that can only read. */
  public databaseReadonly(): Database {
    this.readonlyApp ??= new Database(this.connections.databaseReadonly, this.databaseOptions());
    return this.readonlyApp;
  }

  /**
   * The cache of one type of data, with the platform's time to live for it.
   * @typeParam T of the values: what JSON gives back as it was
   */
  public cache<T>(type: CacheType): Cache<T> {
    let cache = this.caches.get(type);
    if (cache === undefined) {
      const { keyPrefix, ttlSeconds } = this.connections.cache;
      cache = new Cache<unknown>(this.connectCache(), {
        ...{ keyPrefix, type, log: this.log },
        ttlSeconds: ttlSeconds[type],
        readLimitMs: this.cacheReadLimitMs,
      });
      this.caches.set(type, cache);
    }
    return cache as Cache<T>;
  }

  /**
   * Sessions of users, which live for the platform's time after they were last used.
   * @throws SettingsError if the service keeps no sessions
   */
  public sessions<T>(): Sessions<T> {
    const { session, cache } = this.connections;
    if (session === undefined) {
      throw new SettingsError(
        `${this.service} keeps no sessions: catalog/services.ts says which services do.`,
      );
    }
    this.sessionServer ??=
      session.nodes === undefined
        ? connectOne(session, this.redisOptions("session"))
        : new PrimaryConnection(session, session.nodes, this.redisOptions("session"));
    return new Sessions<T>(this.sessionServer, {
      keyPrefix: session.keyPrefix,
      ttlSeconds: cache.ttlSeconds.sessions,
      waitMs: session.pool.maxWaitMs,
    });
  }

  /** Writes events as this service. */
  public producer(): Producer {
    this.events ??= new Producer(
      this.service,
      this.connections.kafka,
      this.kafkaOptions(),
      this.checksEvents,
    );
    return this.events;
  }

  /** Reads events in a group of this service: set handlers by `on`, then `start` it. */
  public consumer(options: ConsumerOptions): Consumer {
    const consumer = new Consumer(options, {
      ...this.kafkaOptions(),
      login: this.connections.kafka,
      producer: this.producer(),
      log: this.log,
    });
    this.consumers.push(consumer);
    return consumer;
  }

  /** Events that are stored with the change that causes them; `start` its relay in at least one process. */
  public outbox(options: OutboxOptions = {}): Outbox {
    const outbox = new Outbox(options, {
      database: this.database(),
      producer: this.producer(),
      log: this.log,
      checksEvents: this.checksEvents,
    });
    this.outboxes.push(outbox);
    return outbox;
  }

  /** Finishes what is under way, in the order in which things need each other, and closes all connections. */
  public async close(): Promise<void> {
    await Promise.all([...this.consumers, ...this.outboxes].map((reader) => reader.stop()));
    await this.events?.close();
    await Promise.all([this.app?.close(), this.readonlyApp?.close()]);
    await Promise.all([this.cacheServer?.close(), this.sessionServer?.close()]);
  }

  private connectCache(): CacheServer {
    const { cache } = this.connections;
    this.cacheServer ??=
      cache.cluster === undefined
        ? connectCache(cache, this.redisOptions("cache"))
        : new ClusterConnection(cache, cache.cluster, this.redisOptions("cache"));
    return this.cacheServer;
  }

  private redisOptions(instance: "cache" | "session"): RedisOptions {
    return {
      trustedCertificates: this.connections.trustedCertificates,
      title: `${this.service} ${instance}`,
      log: this.log,
      // Without the cache, a read goes to its source at once; a session has no other source.
      waits: instance === "session",
    };
  }

  private databaseOptions() {
    const { trustedCertificates } = this.connections;
    return { trustedCertificates, applicationName: this.service, log: this.log };
  }

  private kafkaOptions(): KafkaClientOptions {
    return { trustedCertificates: this.connections.trustedCertificates };
  }
}
