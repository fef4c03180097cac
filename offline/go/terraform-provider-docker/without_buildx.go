// Package provider is the Terraform Docker provider without buildx and Compose. install-engine.sh copies the
// provider's other files to this one.
package provider

import (
	"context"
	"errors"

	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// Buildx brings Kubernetes' client, containerd and BuildKit, a fifth of what there would be to compile.
var errNoBuildx = errors.New(
	"this docker plugin was built without buildx (offline/README.md): set useLegacyBuilder in the image's build")

type buildOptions struct{}

// The caller asks for a docker command next, and passes on why there is none.
func canUseBuildx(context.Context, *client.Client) (bool, error) { return true, nil }

func createAndInitDockerCli(*client.Client) (any, error) { return nil, errNoBuildx }

func mapBuildAttributesToBuildOptions(map[string]interface{}, string, any) (buildOptions, error) {
	return buildOptions{}, errNoBuildx
}

func runBuild(context.Context, any, buildOptions, string) error { return errNoBuildx }

// The plugin does not offer it.
func resourceDockerBuildxBuilder() *schema.Resource { return &schema.Resource{} }
