export * from "../kafka/kafka-rights.provider";
