/** How the messages of each topic are to be compressed. The platform says so in the topic's settings on the broker. */
import type { Admin } from "@platformatic/kafka" with { "resolution-mode": "import" };

import type { KafkaLogin } from "../connections";
import { loadKafka } from "./kafka-library";
import { type KafkaClientOptions, kafkaOptions } from "./kafka-options";

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
    const { ConfigResourceTypes } = await loadKafka();
    const [{ configs }] = await (
      await this.connected()
    ).describeConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configurationKeys: ["compression.type"],
        },
      ],
    });
    const value = configs.find(({ name }) => name === "compression.type")?.value ?? "";
    const codec = CODECS.has(value) ? value : "none";
    this.known.set(topic, codec);
    return codec;
  }

  public async close(): Promise<void> {
    await (await this.admin)?.close();
  }

  private connected(): Promise<Admin> {
    this.admin ??= loadKafka().then(
      (kafka) => new kafka.Admin(kafkaOptions(this.login, this.options)),
    );
    return this.admin;
  }
}
