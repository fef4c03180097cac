import { loadKafkaJs } from "./kafkajs";

let isLoaded = false;

/** Lets KafkaJS read snappy and lz4, the compressions of the platform's topics, by codecs in plain JavaScript. */
export function loadCodecs(): void {
  if (isLoaded) {
    return;
  }
  const { CompressionCodecs, CompressionTypes } = loadKafkaJs();
  /* eslint-disable @typescript-eslint/no-require-imports -- at their first use, as KafkaJS itself */
  const snappy = require("kafkajs-snappy") as () => object;
  const lz4 = require("lz4js") as { decompress(frame: Uint8Array): Uint8Array };
  /* eslint-enable @typescript-eslint/no-require-imports */
  CompressionCodecs[CompressionTypes.Snappy] = snappy;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: () => Promise.reject(new Error("Nothing here writes lz4.")),
    decompress: (frame: Buffer) => Promise.resolve(Buffer.from(lz4.decompress(frame))),
  });
  isLoaded = true;
}
