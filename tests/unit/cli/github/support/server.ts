/** A local server in place of GitHub's REST API, as far as comments on pull requests need it. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface StoredComment {
  id: number;
  body: string;
  html_url: string;
  user: { login: string };
}

interface Response {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Answers a request in place of the server, or leaves it to it. "hang up" ends the connection without an answer. */
export type Override = (request: string, times: number) => Response | "hang up" | undefined;

export class FakeGitHub {
  public readonly token = "a-token-of-nobody";
  public comments: StoredComment[] = [];
  /** Requests in order, as `GET /user`. */
  public readonly requests: string[] = [];
  /** Login of the token's user; undefined for a token of an app, which may not ask. */
  public login: string | undefined = "reviewer";
  /** Who is the author of what the token writes. */
  public writes = "reviewer";
  public pageSize = 2;
  public override: Override = () => undefined;
  /** Called after a request was done and before it is answered. */
  public afterwards: Override = () => undefined;
  public url = "";

  private readonly server = createServer((request, response) => {
    void this.answer(request).then((answer) => {
      if (answer === "hang up") {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    });
  });

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  public add(login: string, body: string): StoredComment {
    const id = this.comments.length + 1;
    const comment = { id, body, html_url: `https://github.example/c/${id}`, user: { login } };
    this.comments.push(comment);
    return comment;
  }

  private async answer(request: IncomingMessage): Promise<Response | "hang up"> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { pathname, searchParams } = new URL(request.url ?? "", this.url);
    const line = `${request.method} ${pathname}`;
    this.requests.push(line);
    const times = this.requests.filter((each) => each === line).length;
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return { status: 401, body: { message: "Bad credentials" } };
    }
    const body = chunks.length > 0 ? Buffer.concat(chunks).toString() : "{}";
    const { body: text } = JSON.parse(body) as { body: string };
    const override = this.override(line, times);
    if (override) {
      return override;
    }
    const answer = this.route(line, text, Number(searchParams.get("page") ?? 1));
    return this.afterwards(line, times) ?? answer;
  }

  private route(line: string, text: string, page: number): Response {
    const list = "/repos/team/platform/issues/7/comments";
    const [, id] = /^PATCH \/repos\/team\/platform\/issues\/comments\/(\d+)$/.exec(line) ?? [];
    const comment = this.comments.find((each) => each.id === Number(id));
    if (comment) {
      comment.body = text;
      return { status: 200, body: comment };
    }
    switch (line) {
      case "GET /user":
        return this.login === undefined
          ? { status: 403, body: { message: "Resource not accessible by integration" } }
          : { status: 200, body: { login: this.login } };
      case `GET ${list}`:
        return this.page(list, page);
      case `POST ${list}`:
        return { status: 201, body: this.add(this.writes, text) };
      default:
        return { status: 404, body: { message: "Not Found" } };
    }
  }

  private page(list: string, page: number): Response {
    const isLast = page * this.pageSize >= this.comments.length;
    const link = (to: number, rel: string) => `<${this.url}${list}?page=${to}>; rel="${rel}"`;
    const links = isLast ? [link(1, "first")] : [link(1, "first"), link(page + 1, "next")];
    return {
      status: 200,
      body: this.comments.slice((page - 1) * this.pageSize, page * this.pageSize),
      headers: { link: links.join(", ") },
    };
  }
}
