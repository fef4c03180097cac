declare module "kafkajs-snappy" {
  /** A codec for KafkaJS. */
  const SnappyCodec: () => unknown;
  export default SnappyCodec;
}
