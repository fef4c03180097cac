/**
 * Name under which an image is pulled: its own, or the same path on a mirror.
 * @param image name as Docker takes it, with tag or digest
 * @param registry mirror as host[:port][/path]; empty leaves the name as it is
 */
export function imageName(image: string, registry: string): string {
  if (registry === "") {
    return image;
  }
  const [first, ...rest] = image.split("/");
  const namesRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  if (namesRegistry) {
    return [registry, ...rest].join("/");
  }
  // Docker Hub keeps the official images under library/, and a mirror repeats its paths.
  return [registry, ...(rest.length === 0 ? ["library"] : []), image].join("/");
}
