// The library finds its parts by a container that needs this first.
import "reflect-metadata";

export * from "@peculiar/x509";
