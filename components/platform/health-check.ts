/**
 * One health check for every container and every Docker: fast while a server starts, and cheap once it is well.
 *
 * To start a probe in a container costs Docker some 25 ms of processor time, whatever the probe does. So a probe does the
 * waiting itself: it looks again and again until the server has started, and rests before each further look. Docker
 * counts its interval from the end of a probe to the start of the next one (moby, daemon/health.go, monitor).
 *
 * Docker's own settings for this are not used. Within a start period, engines from 25.0 on probe every 5 s unless the
 * check has a start interval (defaultStartInterval in the same file), and engines before 25.0 refuse a start interval. The
 * plan of a stack would depend on the engine, and an upgrade of Docker would replace every container.
 */

/** How often a probe looks at a server that starts, before Docker counts one failure. */
const LOOKS = 40;

/** What the last look found: `well` or `failing`. Docker makes the folder anew at each start of the container. */
const STATE_FILE = "/dev/shm/health";

/** Arguments: the file of the state, and the words of the probe. */
export const PROBE_SCRIPT = `
state=$1; shift
if [ -e "$state" ]; then
  read -r found <"$state"
  if [ "$found" = well ]; then sleep 9; else sleep 1; fi
  echo failing >"$state"
  "$@" || exit 1
else
  looks=${LOOKS}
  until "$@"; do
    looks=$((looks - 1))
    [ $looks -gt 0 ] || exit 1
    sleep 0.2
  done
fi
echo well >"$state"`;

/**
 * @param probe words of a command that fails until the server answers over TCP
 * @returns the health check of a container. A server that fails is unhealthy after 15 s, one that does not start after
 *   40 s at least. Times are written as Docker writes them, so that a refresh finds no difference.
 */
export const healthCheck = (probe: readonly string[]) => ({
  tests: ["CMD", "sh", "-c", PROBE_SCRIPT, "probe", STATE_FILE, ...probe],
  // From the start of the container to the first probe, too.
  interval: "100ms",
  // For the rest, and five seconds for the look.
  timeout: "15s",
  retries: 5,
});
