import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { ENGINE_ROOT, PLUGIN_DIRECTORIES } from "../../../cli/engine/install";
import { ensureImages, type NeededImage } from "../../../cli/machine/images";
import { run } from "../../../cli/machine/run";
import { imageName } from "../../../components/platform/image-name";
import { withEnvironment } from "../../unit/cli/support/environment";
import { Checkout } from "../support/checkout";
import { docker } from "../support/docker";
import { parseProjectDefaults } from "../support/project";
import { LOGIN, type Registry, startRegistry } from "../support/registry";

describe("A mirror of the images that asks for a login", () => {
  const { redisImage } = parseProjectDefaults();
  let registry: Registry;
  let image: NeededImage;
  let config: string;

  before(async function () {
    const started = await startRegistry();
    if (started === undefined) {
      this.skip();
    }
    registry = started;
    image = { kind: "redis", name: imageName(redisImage, registry.address) };
    config = mkdtempSync(join(tmpdir(), "learning-platform-docker-"));
    await loggedIn(async () => {
      await docker("tag", redisImage, image.name);
      await docker("push", "--quiet", image.name);
    });
    await docker("rmi", image.name);
  });
  after(async () => {
    await run("docker", ["rmi", image?.name]);
    await registry?.stop();
    rmSync(config ?? "", { recursive: true, force: true });
  });

  const withConfig = (act: () => Promise<void>) => withEnvironment({ DOCKER_CONFIG: config }, act);
  const loggedIn = (act: () => Promise<void>) =>
    withConfig(async () => {
      const { username, password } = LOGIN;
      await docker("login", "--username", username, "--password", password, registry.address);
      try {
        await act();
      } finally {
        await docker("logout", registry.address);
      }
    });
  const ensure = () => ensureImages([image], "auto", () => undefined);

  it("has an image refused without the login, with what to do", () =>
    withConfig(() =>
      assert.rejects(ensure(), (error: Error) => {
        assert.match(error.message, /The image \S+redis:\S+ could not be pulled: /);
        assert.ok(
          error.message.endsWith(`Log in first: docker login ${registry.address}`),
          error.message,
        );
        return true;
      }),
    ));

  it("has it pulled with the login", async () => {
    await loggedIn(ensure);
    assert.match(
      await docker("image", "inspect", "--format", "{{.RepoTags}}", image.name),
      /redis/,
    );
  });
});

describe("A mirror of the plugins", () => {
  let checkout: Checkout;
  let home: string;
  let server: Server;
  const requests: string[] = [];
  const { random, ...others } = PLUGIN_DIRECTORIES;

  before(async () => {
    checkout = new Checkout();
    // A home of the engine that lacks one plugin.
    home = mkdtempSync(join(tmpdir(), "learning-platform-home-"));
    mkdirSync(join(home, "versions"));
    mkdirSync(join(home, "plugins"));
    symlinkSync(ENGINE_ROOT, join(home, "versions", basename(ENGINE_ROOT)));
    for (const directory of Object.values(others)) {
      symlinkSync(directory, join(home, "plugins", basename(directory)));
    }
    const archive = join(home, "random.tar.gz");
    const packed = await run("tar", ["-czf", archive, "-C", random, "."]);
    assert.equal(packed.code, 0, packed.stderr);
    server = createServer((request, response) => {
      requests.push(request.url ?? "");
      const isRandom = /^\/plugins\/pulumi-resource-random-v[\d.]+-linux-\w+\.tar\.gz$/.test(
        request.url ?? "",
      );
      // The engine refuses an answer that does not say how long it is.
      response.writeHead(
        isRandom ? 200 : 404,
        isRandom ? { "content-length": statSync(archive).size } : {},
      );
      response.end(isRandom ? readFileSync(archive) : undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(home, { recursive: true, force: true });
    rmSync(checkout.root, { recursive: true, force: true });
  });

  it("delivers what is missing", async () => {
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await checkout.npm("setup", ["--stack", "mirror"], {
      PULUMI_HOME: home,
      LEARNING_PLATFORM_PLUGIN_MIRROR: `http://127.0.0.1:${port}/plugins`,
    });
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /Offline:/);
    assert.equal(requests.length, 1, requests.join(" "));
    assert.ok(existsSync(join(home, "plugins", basename(random))));
    assert.deepEqual(
      readdirSync(join(home, "plugins", basename(random))).includes("plugin.cjs"),
      readdirSync(random).includes("plugin.cjs"),
    );
  });
});
