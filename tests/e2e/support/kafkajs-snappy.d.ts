declare module "kafkajs-snappy" {
  /** A codec as KafkaJS takes it. */
  const SnappyCodec: () => unknown;
  export default SnappyCodec;
}
