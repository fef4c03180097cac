import assert from "node:assert/strict";

import { portsElsewhere, settleEndpoint } from "../../../../cli/machine/docker-endpoint";
import { exemptLoopback, settledEnvironment } from "../../../../cli/machine/environment";
import { withDocker } from "../support/environment";

describe("a proxy of the environment", () => {
  const cases: [title: string, before: NodeJS.ProcessEnv, exempt: string][] = [
    ["without exemptions", {}, "localhost,127.0.0.1,::1"],
    ["with localhost alone", { no_proxy: "localhost" }, "localhost,127.0.0.1,::1"],
    [
      "with spaces and empty entries, which gRPC takes for parts of names",
      { no_proxy: "localhost, 127.0.0.1,, .corp" },
      "localhost,127.0.0.1,.corp,::1",
    ],
    [
      "with two lists, which different programs read",
      { NO_PROXY: "a.corp", no_proxy: "b.corp" },
      "b.corp,a.corp,localhost,127.0.0.1,::1",
    ],
  ];
  for (const proxy of ["http_proxy", "HTTPS_PROXY", "ALL_PROXY", "grpc_proxy"]) {
    for (const [title, before, exempt] of cases) {
      it(`is not used for this machine: ${proxy} ${title}`, () => {
        const env: NodeJS.ProcessEnv = { [proxy]: "http://127.0.0.1:1", ...before };
        exemptLoopback(env);
        assert.deepStrictEqual(env, {
          [proxy]: "http://127.0.0.1:1",
          no_proxy: exempt,
          NO_PROXY: exempt,
        });
        assert.deepStrictEqual(settledEnvironment(env), { no_proxy: exempt, NO_PROXY: exempt });
      });
    }
  }

  it("is not used where gRPC has a list of its own", () => {
    const env: NodeJS.ProcessEnv = { http_proxy: "http://p", no_grpc_proxy: "x" };
    exemptLoopback(env);
    assert.strictEqual(env.no_grpc_proxy, "x,localhost,127.0.0.1,::1");
  });

  it("adds no variables where there is none", () => {
    const env: NodeJS.ProcessEnv = { no_proxy: "corp", http_proxy: "" };
    exemptLoopback(env);
    assert.deepStrictEqual(env, { no_proxy: "corp", http_proxy: "" });
    assert.deepStrictEqual(settledEnvironment(env), {});
  });
});

describe("the engine of the docker command", () => {
  const context = (Host: string, more: object = {}) =>
    JSON.stringify({ Name: "x", Endpoints: { docker: { Host } }, TLSMaterial: {}, ...more });
  const rootless = "unix:///run/user/1000/docker.sock";
  const socket = "unix:///var/run/docker.sock";
  const tls = { TLSMaterial: { docker: ["ca.pem"] }, Storage: { TLSPath: "/tmp" } };
  const cases: [title: string, before: NodeJS.ProcessEnv, inspected: string, after: object][] = [
    ["is the plugin's by itself at the default socket", {}, context(socket), {}],
    ["of a chosen context is the plugin's", {}, context(rootless), { DOCKER_HOST: rootless }],
    [
      "of DOCKER_CONTEXT is the plugin's, the default one too, which it does not know by name",
      { DOCKER_CONTEXT: "default" },
      context(socket),
      { DOCKER_CONTEXT: "", DOCKER_HOST: socket },
    ],
    [
      "of DOCKER_HOST goes before DOCKER_CONTEXT, which the plugin would prefer",
      { DOCKER_CONTEXT: "there", DOCKER_HOST: rootless },
      context(rootless),
      { DOCKER_CONTEXT: "", DOCKER_HOST: rootless },
    ],
    [
      "with certificates of its context gets them from there",
      {},
      context("tcp://127.0.0.1:2376", tls),
      {
        DOCKER_HOST: "tcp://127.0.0.1:2376",
        DOCKER_TLS_VERIFY: "1",
        DOCKER_CERT_PATH: "/tmp/docker",
      },
    ],
    ["is left as it is where there are no contexts", {}, "unknown command", {}],
  ];
  for (const [title, before, inspected, after] of cases) {
    it(title, () =>
      withDocker(`echo '${inspected}'`, async () => {
        const env = { ...before };
        await settleEndpoint(env);
        assert.deepStrictEqual(env, after);
        assert.deepStrictEqual(settledEnvironment(env), after);
      }).then((calls) => assert.deepStrictEqual(calls, ["context inspect --format {{json .}}"])),
    );
  }

  for (const host of ["ssh://me@192.0.2.7", "tcp://192.0.2.7:2375", "tcp://no-such.invalid:2376"]) {
    it(`is refused at ${host}, whose ports are not on this machine`, async () => {
      assert.match((await portsElsewhere(host)) ?? "", /^The Docker Engine at \S+ publishes ports/);
    });
  }

  for (const host of ["tcp://127.0.0.1:2375", "tcp://localhost:2375", "tcp://[::1]:2375"]) {
    it(`is accepted at ${host}`, async () => {
      assert.strictEqual(await portsElsewhere(host), undefined);
    });
  }

  it("is refused behind a socket of another network namespace", () =>
    withDocker(`echo 'Debian GNU/Linux 12 ["name=seccomp"]'`, async () =>
      assert.match(
        (await portsElsewhere("unix:///run/of-another-network.sock")) ?? "",
        /docker run --network host/,
      ),
    ).then(() => undefined));
});
