/** How the messages of each topic are to be compressed. The platform says so in the topic's settings on the broker. */
import type { Admin, GenericError } from "@platformatic/kafka" with { "resolution-mode": "import" };

import { pause } from "../backoff";
import type { KafkaLogin } from "../connections";
import { loadKafka } from "./kafka-library";
import { type KafkaClientOptions, kafkaOptions, RETRY_DELAY_MS } from "./kafka-options";

const SETTING = "compression.type";

/** Values of `compression.type` that are codecs; with `producer` and `uncompressed` nothing is asked for. */
const CODECS = new Set(["gzip", "snappy", "lz4", "zstd"]);

export class TopicCodecs {
  private readonly known = new Map<string, string>();
  private admin: Promise<Admin> | undefined;

  constructor(
    private readonly login: KafkaLogin,
    private readonly options: KafkaClientOptions,
  ) {}

  /**
   * The codec of a topic, asked for once. Who writes a topic may read its settings.
   * @param topic by its name on the cluster
   * @returns `none` if the topic asks for no codec
   */
  public async of(topic: string): Promise<string> {
    const known = this.known.get(topic);
    if (known !== undefined) {
      return known;
    }
    const value = await this.ask(topic);
    const codec = CODECS.has(value) ? value : "none";
    this.known.set(topic, codec);
    return codec;
  }

  public async close(): Promise<void> {
    await (await this.admin)?.close();
  }

  /** The library itself does not ask again when no broker answers. */
  private async ask(topic: string): Promise<string> {
    const { ConfigResourceTypes } = await loadKafka();
    const admin = await this.connected();
    const resource = {
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: topic,
      configurationKeys: [SETTING],
    };
    for (let attempt = 0; ; attempt += 1) {
      try {
        const [{ configs }] = await admin.describeConfigs({ resources: [resource] });
        return configs.find(({ name }) => name === SETTING)?.value ?? "";
      } catch (error) {
        const isFinal = Boolean((error as GenericError).findBy?.("canRetry", false));
        if (isFinal || attempt >= (this.options.retries ?? 0)) {
          throw error;
        }
        await pause(RETRY_DELAY_MS);
      }
    }
  }

  private connected(): Promise<Admin> {
    this.admin ??= loadKafka().then(
      (kafka) => new kafka.Admin(kafkaOptions(this.login, this.options)),
    );
    return this.admin;
  }
}
