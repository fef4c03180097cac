import { text } from "node:stream/consumers";

import { Command, InvalidArgumentError, Option } from "commander";

import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import { SERVICE_NAMES, type ServiceName } from "../../catalog/services";
import { type KafkaServer, KafkaUnreachableError } from "../../components/kafka/kafka-client";
import {
  listTopics,
  type NewMessage,
  produceMessages,
  tailTopic,
} from "../../components/kafka/topic-client";
import type { Outputs } from "../../contract/outputs";
import { encryptsKafka } from "../connections/encryption";
import { FaultError } from "../fault";
import { stopping } from "../machine/stopping";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { readOutputs } from "../stack/outputs";
import { table } from "../terminal/table";
import { messageJson, messageLine } from "../topics/message-lines";
import { topicFault } from "../topics/topic-fault";

const ADMIN = "admin";
/** The operators' principal, which reads the dead letters. */
const OPERATOR = "operator";

interface TopicOptions extends StackOptions {
  as: ServiceName | typeof ADMIN | typeof OPERATOR;
  json?: boolean;
}

const subcommand = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .addOption(stackOption())
    .addOption(offlineOption())
    .addOption(
      new Option("--as <user>", "the login: of a service, the operators', or the administrator's")
        .choices([...SERVICE_NAMES, OPERATOR, ADMIN])
        .default(ADMIN),
    )
    .option("--json", "print JSON");

const list = subcommand("list", "list the topics that the user may see")
  .addHelpText("after", examples("npm run topic -- list --as payment-service"))
  .action(async (options: TopicOptions) => {
    const topics = await asUser(options, undefined, listTopics);
    if (options.json) {
      console.log(JSON.stringify(topics, undefined, 2));
      return;
    }
    const rows = topics.map(({ name, partitions, messages }) => [
      name,
      `${partitions}`,
      `${messages}`,
    ]);
    table(["topic", "partitions", "messages"], rows).forEach((line) => console.log(line));
  });

const tail = subcommand("tail", "show the last messages of a topic; no consumer group is joined")
  .argument("<topic>", "the topic, such as user-events")
  .option("-f, --follow", "go on until Ctrl-C")
  .addOption(
    new Option("--tail <messages>", "at most so many last messages")
      .argParser(parseCount)
      .default(10),
  )
  .addHelpText(
    "after",
    "\nWith --json, each message is one line of JSON." +
      examples(
        "npm run topic -- tail user-events-dlq --as operator",
        "npm run -s topic -- tail user-events --follow --tail 0 --json",
      ),
  )
  .action(async (topic: string, options: TopicOptions & { follow?: boolean; tail: number }) => {
    const format = options.json ? messageJson : messageLine;
    await asUser(options, topic, (server) =>
      tailTopic(
        server,
        topic,
        options.tail,
        (message) => console.log(format(message)),
        options.follow ? stopping : undefined,
      ),
    );
  });

const produce = subcommand("produce", "write messages to a topic")
  .argument("<topic>", "the topic, such as system-events")
  .argument("[value]", "the message; by default each line of standard input is one")
  .option("--key <text>", "key of each message")
  .option("--header <name=value>", "header of each message; may be repeated", parseHeader)
  .addHelpText(
    "after",
    examples(
      "npm run topic -- produce system-events hello --as user-service",
      "npm run topic -- produce system-events --key 42 < events.jsonl",
    ),
  )
  .action(produceTo);

type ProduceOptions = TopicOptions & { key?: string; header?: Record<string, string> };

async function produceTo(topic: string, value: string | undefined, options: ProduceOptions) {
  const values = value === undefined ? await linesOfInput() : [value];
  const { key, header: headers } = options;
  const messages = values.map((each): NewMessage => ({
    value: each,
    ...(key === undefined ? {} : { key }),
    ...(headers && { headers }),
  }));
  if (messages.length === 0) {
    throw new FaultError(["There is nothing to write: standard input has no line."]);
  }
  const written = await asUser(options, topic, (server) =>
    produceMessages(server, topic, messages),
  );
  console.log(
    options.json
      ? JSON.stringify(written)
      : `Wrote ${messages.length} to ${topic}, partition ${written.map(({ partition }) => partition).join(", ")}.`,
  );
}

async function linesOfInput(): Promise<string[]> {
  if (process.stdin.isTTY) {
    console.error("One message a line; Ctrl-D ends.");
  }
  return (await text(process.stdin)).split("\n").filter((line) => line !== "");
}

export const topic = new Command("topic")
  .helpCommand(false)
  .description("list the stack's topics, and read or write their messages")
  .addCommand(list)
  .addCommand(tail)
  .addCommand(produce);

function parseCount(given: string): number {
  if (!/^\d{1,6}$/.test(given)) {
    throw new InvalidArgumentError("Expected a number of messages, at most 999999.");
  }
  return Number(given);
}

function parseHeader(given: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError("Expected name=value.");
  }
  return { ...before, [name]: value };
}

/** @throws FaultError that says what the broker refused, and to whom */
async function asUser<T>(
  options: TopicOptions,
  named: string | undefined,
  act: (server: KafkaServer) => Promise<T>,
): Promise<T> {
  const outputs = await readOutputs(options);
  try {
    return await act(serverOf(options.as, outputs));
  } catch (error) {
    if (error instanceof KafkaUnreachableError) {
      throw new FaultError([`${error.message}. npm run status says what runs.`]);
    }
    throw topicFault(error as Error, { user: options.as, topic: named });
  }
}

function serverOf(user: TopicOptions["as"], outputs: Outputs): KafkaServer {
  const { services, administrators } = outputs;
  const [{ kafka, trustedCertificates }] = Object.values(services);
  const login =
    {
      [ADMIN]: administrators.kafka,
      [OPERATOR]: administrators.kafkaOperator,
    }[user as string] ?? services[user as ServiceName].kafka;
  return {
    bootstrapServers: kafka.bootstrapServers,
    saslMechanism: kafka.saslMechanism,
    username: login.username,
    password: login.password,
    ...(encryptsKafka(kafka) ? { trusted: trustedCertificates ?? SYSTEM_AUTHORITIES } : {}),
  };
}
