import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { merge } from "../../certificates/pem";
import { CertificateFilesError, readCertificates } from "../../certificates/supplied";
import type { CertificateAuthorityInputs, ServerCertificateInputs } from "./certificate-inputs";
import { DynamicResource, type Inputs } from "./dynamic-resource";
import { trustedFileOf } from "./trusted-file";

/** Renewed after two thirds of this, with years left to distribute the new one. */
const AUTHORITY_DAYS = 3_650;

/** The certificate of a server with its key, as PEM. */
export interface ServerCertificates {
  /** The authorities that clients are to trust. */
  trusted: pulumi.Output<string>;
  /** The server's certificate, followed by the chain to the authority. */
  certificate: pulumi.Output<string>;
  /** Key of the certificate (PKCS #8); secret. */
  privateKey: pulumi.Output<string>;
}

export interface PlatformCertificatesArgs<Role extends string> {
  stack: string;
  /** Name of each server on the platform's network, by server. */
  servers: Readonly<Record<Role, string>>;
  /** Names and addresses by which clients on the host reach every server. */
  hostNames: readonly string[];
  /** Servers whose certificates are also those of clients. @default none */
  clients?: readonly Role[];
  /** Folder with `ca.crt`, `tls.crt` and `tls.key` for all servers; empty lets an authority of the stack issue them. */
  directory: string;
  /** Validity in days of the certificates that the stack's authority issues. */
  days: number;
}

/**
 * The certificates of the platform's servers: those of a folder, or issued by an authority of the stack's own.
 * An update renews the latter once two thirds of their validity have passed.
 * @throws pulumi.RunError while the program loads, if the folder's files are invalid
 */
export class PlatformCertificates<Role extends string> extends pulumi.ComponentResource {
  /** PEM of the authorities that clients are to trust. */
  public readonly trusted: pulumi.Output<string>;
  /** Path of a file with the same, from the root of the program, for clients that need a file. */
  public readonly trustedFile: pulumi.Output<string>;
  public readonly servers: Readonly<Record<Role, ServerCertificates>>;

  constructor(
    private readonly name: string,
    private readonly args: PlatformCertificatesArgs<Role>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("learning-platform:tls:PlatformCertificates", name, {}, opts);
    const { trusted, servers } = args.directory === "" ? this.issueAll() : this.readAll();
    this.trusted = trusted;
    this.trustedFile = trusted.apply((text) => writeTrusted(args.stack, text));
    this.servers = servers;
    this.registerOutputs({ trusted: this.trusted, trustedFile: this.trustedFile });
  }

  private issueAll() {
    const { stack, servers, hostNames, days, clients = [] } = this.args;
    const child = { parent: this };
    const authority = new CertificateAuthority(
      `${this.name}-authority`,
      { name: `learning-platform ${stack}`, days: AUTHORITY_DAYS },
      child,
    );
    const { trusted } = authority;
    const issue = (role: Role) => {
      const { certificate, privateKey } = new ServerCertificate(
        `${this.name}-${role}`,
        {
          hosts: [servers[role], ...hostNames],
          days,
          ...(clients.includes(role) ? { isClient: true } : {}),
          authorityCertificate: authority.certificate,
          authorityKey: authority.privateKey,
          authorityBridge: authority.bridge,
        },
        child,
      );
      return { trusted, certificate, privateKey };
    };
    return { trusted, servers: this.forEachServer(issue) };
  }

  private readAll() {
    const { directory, servers, hostNames, clients = [] } = this.args;
    const hosts = [...hostNames, ...Object.values<string>(servers)];
    const files = readFiles(directory, hosts, clients.length > 0);
    const all = {
      trusted: pulumi.output(files.trusted),
      certificate: pulumi.output(files.certificate),
      privateKey: pulumi.secret(files.privateKey),
    };
    return { trusted: all.trusted, servers: this.forEachServer(() => all) };
  }

  private forEachServer(make: (role: Role) => ServerCertificates) {
    const roles = Object.keys(this.args.servers) as Role[];
    return Object.fromEntries(roles.map((role) => [role, make(role)])) as Record<
      Role,
      ServerCertificates
    >;
  }
}

function readFiles(directory: string, hosts: string[], areClients: boolean) {
  try {
    return readCertificates(directory, hosts, { areClients });
  } catch (error) {
    // Without a stack trace: this is no bug of the program.
    throw error instanceof CertificateFilesError ? new pulumi.RunError(error.message) : error;
  }
}

/**
 * Written in each run, so that it exists on every machine; git ignores it. A preview removes nothing from it:
 * a refresh after the preview connects to servers that still have certificates of the previous authority.
 */
function writeTrusted(stack: string, text: string): string {
  const file = trustedFileOf(stack);
  const keeps = pulumi.runtime.isDryRun() && existsSync(file);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, keeps ? merge(text, readFileSync(file, "utf8")) : text);
  return file;
}

/** An authority of the stack's own. Its key exists only in the state, as a secret. */
class CertificateAuthority extends DynamicResource {
  declare public readonly certificate: pulumi.Output<string>;
  declare public readonly privateKey: pulumi.Output<string>;
  declare public readonly bridge: pulumi.Output<string>;
  declare public readonly trusted: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<CertificateAuthorityInputs>,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(
      "certificate-authority",
      "tls:CertificateAuthority",
      name,
      {
        certificate: undefined,
        privateKey: undefined,
        bridge: undefined,
        trusted: undefined,
        ...args,
      },
      { ...opts, additionalSecretOutputs: ["privateKey"] },
    );
  }
}

/** A server's certificate, issued by the authority. */
class ServerCertificate extends DynamicResource {
  declare public readonly certificate: pulumi.Output<string>;
  declare public readonly privateKey: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<ServerCertificateInputs>,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(
      "server-certificate",
      "tls:ServerCertificate",
      name,
      {
        certificate: undefined,
        privateKey: undefined,
        ...args,
        authorityKey: pulumi.secret(args.authorityKey),
      },
      { ...opts, additionalSecretOutputs: ["privateKey", "authorityKey"] },
    );
  }
}
