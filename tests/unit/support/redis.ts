import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Answers a command: text of the protocol without its last line end, or nothing. */
export type Answer = (command: string[]) => string | undefined;

/** In the protocol's version 2, which clients understand too. */
export const asMap = (fields: Record<string, string>) =>
  [
    `*${Object.keys(fields).length * 2}`,
    ...Object.entries(fields).flatMap(([name, value]) => [
      ...[`$${name.length}`, name, `$${value.length}`, value],
    ]),
  ].join("\r\n");

/** A server that speaks Redis' protocol, and records the commands that it is sent. */
export class FakeRedis {
  public commands: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  /** @param answer to a command; by default, and where it has none, `+OK` */
  constructor(public answer: Answer = () => undefined) {
    this.server = createServer((socket) => this.serve(socket));
  }

  public get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  public listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  public close(): Promise<unknown> {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    return new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    // Each command is `*2 $3 ACL $4 SAVE`, by lines.
    socket.on("data", (data) => {
      for (const text of data
        .toString()
        .split(/^\*\d+\r\n/m)
        .filter(Boolean)) {
        const words = text.split("\r\n").filter((word) => word !== "" && !word.startsWith("$"));
        this.commands.push(words.join(" "));
        const answer = this.answer(words) ?? "+OK";
        if (answer !== "") {
          socket.write(`${answer}\r\n`);
        }
      }
    });
  }
}
