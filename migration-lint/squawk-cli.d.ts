declare module "squawk-cli/js/index.js" {
  /**
   * Path of the binary for this platform.
   * @throws Error that names the platforms there are, or the package that was not installed
   */
  export function getBinaryPath(): string;
}
