/**
 * The name by which an image is pulled: its own, or the same path on a mirror.
 * @param image name with tag or digest
 * @param registry mirror as host[:port][/path]; empty does not change the name
 */
export function imageName(image: string, registry: string): string {
  if (registry === "") {
    return image;
  }
  const [, ...rest] = image.split("/");
  if (registryOf(image) !== "") {
    return [registry, ...rest].join("/");
  }
  // Docker Hub has the official images in library/, and a mirror has the same paths.
  return [registry, ...(rest.length === 0 ? ["library"] : []), image].join("/");
}

/** The registry that an image's name begins with; empty for Docker Hub. */
export function registryOf(image: string): string {
  const [first, ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "";
}
