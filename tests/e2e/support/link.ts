import { docker } from "./docker";

// Alpine's images have `ip`. Debian's do not, but they have Perl: SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP.
const PERL = `
  use Socket;
  my ($name) = grep { $_ ne "lo" } map { /^\\s*(\\w+):/ } \`cat /proc/net/dev\`;
  socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die $!;
  my $request = pack("a16s", $name, 0);
  ioctl($socket, 0x8913, $request) or die $!;
  my $flags = (unpack("a16s", $request))[1];
  $flags = $ARGV[0] eq "up" ? $flags | 1 : $flags & ~1;
  $request = pack("a16s", $name, $flags);
  ioctl($socket, 0x8914, $request) or die $!;`;
const SHELL = `
  if command -v ip > /dev/null; then
    name=$(ls /sys/class/net | grep -v lo | head -1)
    exec ip link set "$name" "$1"
  fi
  exec perl -e "$PERL" "$1"`;

/**
 * Takes the container's network link down or up from inside its network, like a cut cable: neither the container
 * nor Docker's proxy on the host closes a connection.
 */
export async function setLink(container: string, state: "up" | "down"): Promise<void> {
  const image = await docker("inspect", "--format", "{{.Image}}", container);
  await docker(
    ...["run", "--rm", "--cap-add", "NET_ADMIN", "--network", `container:${container}`],
    ...["--user", "root", "--env", `PERL=${PERL}`, "--entrypoint", "sh"],
    ...[image, "-c", SHELL, "link", state],
  );
}
