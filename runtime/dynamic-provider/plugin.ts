// The SDK's own plugin: importing it runs it.
import "@pulumi/pulumi/cmd/dynamic-provider";
