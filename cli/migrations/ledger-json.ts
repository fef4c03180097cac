import { formatDrift, formatFault, formatRightsFault } from "../../migrator";
import type { Ledger } from "./ledgers";

/** The whole status without the text of the files. */
export function ledgerJson({ inputs: { database }, status, error }: Ledger): object {
  if (status === undefined) {
    return { database, state: "unreachable", error };
  }
  const { pending, repeatables, faults, drift, rights, holder, ...rest } = status;
  return {
    ...rest,
    pending: pending.map(({ name, checksum }) => ({ name, checksum })),
    repeatables: repeatables.map(({ file: { name, checksum }, reason }) => ({
      name,
      checksum,
      reason,
    })),
    drift: drift?.map((each) => ({
      object: each.object,
      state: each.state,
      expected: each.expected?.definition,
      found: each.found?.definition,
      message: formatDrift(each),
    })),
    rights: rights.map((fault) => ({ ...fault, message: formatRightsFault(fault) })),
    faults: faults.map(formatFault),
    holder,
  };
}
